package sqlite

import (
	"context"
	"time"

	"bookplate/models"
)

type sessions struct{ *Store }

func (s sessions) Create(ctx context.Context, ses models.Session) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec("INSERT INTO sessions ("+sessionColumns+") VALUES (?, ?, ?, ?, ?, ?)", sessionValues(ses)...)
		return err
	})
}

// signedIn is a row of the query that authenticates.
type signedIn struct {
	session models.Session
	user    models.User
}

func signedInFields(row *signedIn) []any {
	return append(sessionFields(&row.session), userFields(&row.user)...)
}

const authenticate = `
	SELECT s.id, s.user_id, s.created_at, s.expires_at, s.ip, s.user_agent,
	       u.id, u.email, u.name, u.password_hash, u.active, u.role, u.created_at, u.updated_at
	FROM sessions s JOIN users u ON u.id = s.user_id
	WHERE s.id = ? AND s.user_id = ?`

func (s sessions) Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	row, err := find(ctx, s.Store, authenticate, []any{string(id), string(userID)}, signedInFields)
	return row.session, row.user, err
}

func (s sessions) Delete(ctx context.Context, id models.ID) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec("DELETE FROM sessions WHERE id = ?", string(id))
		return err
	})
}

func (s sessions) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.write(ctx, func(q *statements) error {
		n, err = q.exec("DELETE FROM sessions WHERE expires_at < ?", now.UnixMilli())
		return err
	})
	return n, err
}
