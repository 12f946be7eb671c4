package sqlite

import (
	"context"

	"bookplate/models"
)

type users struct{ *Store }

const (
	insertUser = "INSERT INTO users (" + userColumns + ", email_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	selectUser = "SELECT " + userColumns + " FROM users WHERE id = ?"
	listUsers  = "SELECT " + userColumns + " FROM users WHERE id > ? ORDER BY id LIMIT ?"
	updateUser = "UPDATE users SET name = ?, password_hash = ?, active = ?, role = ?, updated_at = ?, email_key = ? " +
		"WHERE id = ?"
	selectUserByEmail = "SELECT " + userColumns + " FROM users WHERE email_key = ?"
)

func (s users) Create(ctx context.Context, u models.User) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertUser, append(userValues(u), emailKey(u))...)
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

func (s users) Get(ctx context.Context, id models.ID) (models.User, error) {
	return find(ctx, s.Store, selectUser, []any{string(id)}, userFields)
}

func (s users) GetByEmail(ctx context.Context, email string) (models.User, error) {
	return find(ctx, s.Store, selectUserByEmail, []any{models.EmailKey(email)}, userFields)
}

func (s users) List(ctx context.Context, f models.UserFilter) ([]models.User, error) {
	return findAll(ctx, s.Store, listUsers, []any{string(f.After), f.Limit}, userFields)
}

func (s users) Update(ctx context.Context, id models.ID, up models.UserUpdate) (u models.User, err error) {
	up.UpdatedAt = asStored(up.UpdatedAt)
	err = s.write(ctx, func(q *statements) error {
		u, err = one(q, selectUser, []any{string(id)}, userFields)
		if err != nil {
			return err
		}
		u = up.Apply(u)
		_, err = q.exec(updateUser, u.Name, u.PasswordHash, u.Active, string(u.Role),
			u.UpdatedAt.UnixMilli(), emailKey(u), string(id))
		return err
	})
	return u, err
}
