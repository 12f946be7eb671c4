package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bookplate/models"
)

type keyed struct{ *Store }

var (
	selectKeyed       = "SELECT " + keyedTable.names + " FROM keyed_requests WHERE key = ?"
	replaceKeyed      = keyedTable.replace("keyed_requests")
	endKeyed          = "UPDATE keyed_requests SET (" + keyedTable.names + ") = (" + keyedTable.placeholders + ") WHERE key = ? AND attempt = ?"
	deleteKeyed       = "DELETE FROM keyed_requests WHERE user_id = ?"
	sweepKeyedExpired = "DELETE FROM keyed_requests WHERE expires_at < ?"
)

// Begin is atomic because the writer runs one job at a time.
func (s keyed) Begin(ctx context.Context, r models.KeyedRequest, now time.Time) (record models.KeyedRequest, err error) {
	err = s.write(ctx, func(q *statements) error {
		if err := requireAccount(q, r.UserID); err != nil {
			return err
		}
		before, err := one(q, selectKeyed, []any{r.Key}, keyedTable.fields)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var runs bool
		if record, runs = r.After(before, now); !runs {
			return nil
		}
		_, err = q.exec(replaceKeyed, keyedTable.values(record)...)
		return err
	})
	return record, err
}

func (s keyed) End(ctx context.Context, r models.KeyedRequest) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(endKeyed, append(keyedTable.values(r), r.Key, r.Attempt)...)
		return err
	})
}

func (s keyed) DeleteAll(ctx context.Context, userID models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := q.exec(deleteKeyed, string(userID))
		return err
	})
}

func (s keyed) DeleteExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.remove(ctx, func(q *statements) error {
		n, err = q.exec(sweepKeyedExpired, now.UnixMilli())
		return err
	})
	return n, err
}
