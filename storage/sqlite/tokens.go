package sqlite

import (
	"context"
	"time"

	"bookplate/models"
)

type tokens struct{ *Store }

var (
	insertToken  = tokenTable.insert("one_time_tokens")
	takeToken    = "DELETE FROM one_time_tokens WHERE hash = ? AND purpose = ? RETURNING " + tokenTable.names
	deleteTokens = "DELETE FROM one_time_tokens WHERE user_id = ?"
)

func (s tokens) Create(ctx context.Context, t models.OneTimeToken) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(insertToken, tokenTable.values(t)...)
		return err
	})
}

func (s tokens) Take(ctx context.Context, hash string, purpose models.Purpose) (t models.OneTimeToken, err error) {
	err = s.write(ctx, func(q *statements) error {
		t, err = one(q, takeToken, []any{hash, string(purpose)}, tokenTable.fields)
		return err
	})
	return t, err
}

func (s tokens) DeleteAll(ctx context.Context, userID models.ID) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		n, err = q.exec(deleteTokens, string(userID))
		return err
	})
	return n, err
}

func (s tokens) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		n, err = q.exec("DELETE FROM one_time_tokens WHERE expires_at < ?", now.UnixMilli())
		return err
	})
	return n, err
}
