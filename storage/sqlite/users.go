package sqlite

import (
	"context"
	"strings"

	"bookplate/models"
)

type users struct{ *Store }

var (
	insertUser           = userTable.insert("users", "email_key", "username_key")
	countUser            = "SELECT count(*) FROM users WHERE id = ?"
	selectUser           = "SELECT " + userTable.names + " FROM users WHERE id = ?"
	listUsers            = "SELECT " + userTable.names + " FROM users WHERE id > ? ORDER BY id LIMIT ?"
	updateUser           = "UPDATE users SET (" + userTable.names + ", email_key, username_key) = (" + userTable.marks + ", ?, ?) WHERE id = ?"
	deleteUser           = "DELETE FROM users WHERE id = ? RETURNING " + userTable.names
	selectUserByEmail    = "SELECT " + userTable.names + " FROM users WHERE email_key = ?"
	selectUserByUsername = "SELECT " + userTable.names + " FROM users WHERE username_key = ?"
	otherAdmins          = "SELECT count(*) FROM users WHERE role = ? AND active AND id <> ?"
)

func (s users) Create(ctx context.Context, u models.User) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertUser, append(userTable.values(u), emailKey(u), usernameKey(u))...)
		return err
	})
}

// emailKey is what holds an address for an account: nothing when it is disabled, since NULLs do not conflict.
func emailKey(u models.User) any {
	if !u.Active {
		return nil
	}
	return models.EmailKey(u.Email)
}

// usernameKey does the same for a user name; an account may have none.
func usernameKey(u models.User) any {
	if !u.Active || u.Username == "" {
		return nil
	}
	return models.UsernameKey(u.Username)
}

func (s users) Get(ctx context.Context, id models.ID) (models.User, error) {
	return find(ctx, s.Store, selectUser, []any{string(id)}, userTable.fields)
}

func (s users) GetByEmail(ctx context.Context, email string) (models.User, error) {
	return find(ctx, s.Store, selectUserByEmail, []any{models.EmailKey(email)}, userTable.fields)
}

func (s users) GetByUsername(ctx context.Context, username string) (models.User, error) {
	return find(ctx, s.Store, selectUserByUsername, []any{models.UsernameKey(username)}, userTable.fields)
}

func (s users) OtherAdmins(ctx context.Context, id models.ID) (int64, error) {
	return find(ctx, s.Store, otherAdmins, []any{string(models.RoleAdmin), string(id)}, number)
}

func (s users) List(ctx context.Context, f models.UserFilter) ([]models.User, error) {
	if f.Text != "" {
		return s.search(ctx, f)
	}
	return findAll(ctx, s.Store, listUsers, []any{string(f.After), f.Limit}, userTable.fields)
}

// searched is how many accounts are read at a time when one is looked for.
const searched = 1000

// search compares here, not in SQL: SQLite knows upper and lower case of ASCII only.
func (s users) search(ctx context.Context, f models.UserFilter) (found []models.User, err error) {
	text := strings.ToLower(f.Text)
	for after := f.After; ; {
		batch, err := findAll(ctx, s.Store, listUsers, []any{string(after), searched}, userTable.fields)
		if err != nil {
			return nil, err
		}
		for _, u := range batch {
			if !strings.Contains(strings.ToLower(u.Name+"\n"+u.Username+"\n"+u.Email), text) {
				continue
			}
			if found = append(found, u); len(found) == f.Limit {
				return found, nil
			}
		}
		if len(batch) < searched {
			return found, nil
		}
		after = batch[len(batch)-1].ID
	}
}

func (s users) Update(ctx context.Context, id models.ID, up models.UserUpdate) (u models.User, err error) {
	up.UpdatedAt = asStored(up.UpdatedAt)
	err = s.write(ctx, func(q *statements) error {
		u, err = one(q, selectUser, []any{string(id)}, userTable.fields)
		if err != nil {
			return err
		}
		if err := up.Match(u); err != nil {
			return err
		}
		wasActive := u.Active
		u = up.Apply(u)
		if u.Active && !wasActive {
			if err := endAccess(q, id); err != nil {
				return err
			}
		}
		_, err = q.exec(updateUser, append(userTable.values(u), emailKey(u), usernameKey(u), string(id))...)
		return err
	})
	return u, err
}

// endAccess ends the sessions of an account and kills its links.
func endAccess(q *statements, id models.ID) error {
	if err := endSessions(q, id, ""); err != nil {
		return err
	}
	_, err := q.exec(deleteTokens, string(id))
	return err
}

// hasAccount is models.ErrNoAccount unless the owner of what is to be stored has an account.
func hasAccount(q *statements, owner models.ID) error {
	n, err := one(q, countUser, []any{string(owner)}, number)
	if err == nil && n == 0 {
		return models.ErrNoAccount
	}
	return err
}

func (s users) Delete(ctx context.Context, id models.ID) error {
	return s.write(ctx, func(q *statements) error {
		_, err := one(q, deleteUser, []any{string(id)}, userTable.fields)
		return err
	})
}
