package sqlite

import (
	"context"
	"encoding/json"
	"strings"

	"bookplate/models"
)

type users struct{ *Store }

var (
	insertUser           = userTable.insert("users", "email_key", "username_key")
	countUser            = "SELECT count(*) FROM users WHERE id = ?"
	selectUser           = "SELECT " + userTable.names + " FROM users WHERE id = ?"
	selectUsers          = "SELECT " + userTable.names + " FROM users WHERE id IN (SELECT value FROM json_each(?))"
	listUsers            = "SELECT " + userTable.names + " FROM users WHERE id > ? ORDER BY id LIMIT ?"
	updateUser           = "UPDATE users SET (" + userTable.names + ", email_key, username_key) = (" + userTable.placeholders + ", ?, ?) WHERE id = ?"
	deleteUser           = "DELETE FROM users WHERE id = ? RETURNING " + userTable.names
	selectUserByEmail    = "SELECT " + userTable.names + " FROM users WHERE email_key = ?"
	selectUserByUsername = "SELECT " + userTable.names + " FROM users WHERE username_key = ?"
	countOtherAdmins     = "SELECT count(*) FROM users WHERE role = '" + string(models.RoleAdmin) + "' AND active AND id <> ?" // in the words of the index
)

func (s users) Create(ctx context.Context, u models.User) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertUser, append(userTable.values(u), emailKey(u), usernameKey(u))...)
		return err
	})
}

// emailKey returns the value of the unique column email_key. For a disabled account the value is NULL, because NULLs do
// not conflict with each other.
func emailKey(u models.User) any {
	if !u.Active {
		return nil
	}
	return models.EmailKey(u.Email)
}

// usernameKey returns the value of the unique column username_key. For an account that is disabled or has no user name,
// the value is NULL.
func usernameKey(u models.User) any {
	if !u.Active || u.Username == "" {
		return nil
	}
	return models.UsernameKey(u.Username)
}

func (s users) Get(ctx context.Context, id models.ID) (models.User, error) {
	return find(ctx, s.Store, selectUser, []any{string(id)}, userTable.fields)
}

// Of passes the ids as one JSON array, so that the text of the query is the same for any number of accounts.
func (s users) Of(ctx context.Context, ids []models.ID) ([]models.User, error) {
	array, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, selectUsers, []any{string(array)}, userTable.fields)
}

func (s users) GetByEmail(ctx context.Context, email string) (models.User, error) {
	return find(ctx, s.Store, selectUserByEmail, []any{models.EmailKey(email)}, userTable.fields)
}

func (s users) GetByUsername(ctx context.Context, username string) (models.User, error) {
	return find(ctx, s.Store, selectUserByUsername, []any{models.UsernameKey(username)}, userTable.fields)
}

func (s users) OtherAdmins(ctx context.Context, id models.ID) (int64, error) {
	return find(ctx, s.Store, countOtherAdmins, []any{string(id)}, intField)
}

func (s users) List(ctx context.Context, f models.UserFilter) ([]models.User, error) {
	if f.Text != "" {
		return s.search(ctx, f)
	}
	return findAll(ctx, s.Store, listUsers, []any{string(f.After), f.Limit}, userTable.fields)
}

// searchBatch is the number of accounts that a search reads at a time.
const searchBatch = 1000

// search compares the texts in Go, because SQLite ignores case for ASCII letters only.
func (s users) search(ctx context.Context, f models.UserFilter) (found []models.User, err error) {
	text := strings.ToLower(f.Text)
	for after := f.After; ; {
		batch, err := findAll(ctx, s.Store, listUsers, []any{string(after), searchBatch}, userTable.fields)
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
		if len(batch) < searchBatch {
			return found, nil
		}
		after = batch[len(batch)-1].ID
	}
}

func (s users) Update(ctx context.Context, id models.ID, up models.UserUpdate) (u models.User, err error) {
	up.UpdatedAt = storedTime(up.UpdatedAt)
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
			if err := revokeAccess(q, id); err != nil {
				return err
			}
		}
		_, err = q.exec(updateUser, append(userTable.values(u), emailKey(u), usernameKey(u), string(id))...)
		return err
	})
	return u, err
}

// revokeAccess deletes the sessions and one-time tokens of an account.
func revokeAccess(q *statements, id models.ID) error {
	if err := deleteUserSessions(q, id, ""); err != nil {
		return err
	}
	_, err := q.exec(deleteTokens, string(id))
	return err
}

// requireAccount returns models.ErrNoAccount if there is no account with the owner's id.
func requireAccount(q *statements, owner models.ID) error {
	n, err := one(q, countUser, []any{string(owner)}, intField)
	if err == nil && n == 0 {
		return models.ErrNoAccount
	}
	return err
}

func (s users) Delete(ctx context.Context, id models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := one(q, deleteUser, []any{string(id)}, userTable.fields)
		return err
	})
}
