package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bookplate/models"
)

type throttles struct{ *Store }

var (
	selectThrottle = "SELECT " + tallyTable.names + " FROM throttles WHERE key = ?"
	upsertThrottle = "INSERT OR REPLACE INTO throttles (key, " + tallyTable.names + ") VALUES (?, " + tallyTable.marks + ")"
	deleteThrottle = "DELETE FROM throttles WHERE key = ?"
	// At most maxSwept at a time: the writer has other work too.
	sweepThrottles = "DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE expires_at < ? LIMIT ?)"
)

// maxSwept rows are deleted in some 20 ms.
const maxSwept = 5_000

func (s throttles) Get(ctx context.Context, keys ...string) ([]models.Tally, error) {
	tallies := make([]models.Tally, len(keys))
	err := s.call(ctx, func() (err error) {
		for i, key := range keys {
			if tallies[i], err = tallyOf(s.reads.statements, key); err != nil {
				return err
			}
		}
		return nil
	})
	return tallies, err
}

// Change needs no more than the writer, which does one thing after the other.
func (s throttles) Change(ctx context.Context, key string, change func(models.Tally) models.Tally) error {
	return s.write(ctx, func(q *statements) error {
		tally, err := tallyOf(q, key)
		if err != nil {
			return err
		}
		if tally = change(tally); tally == (models.Tally{}) {
			_, err = q.exec(deleteThrottle, key)
			return err
		}
		_, err = q.exec(upsertThrottle, append([]any{key}, tallyTable.values(tally)...)...)
		return err
	})
}

// tallyOf is a key's tally, the zero one if it has none.
func tallyOf(q *statements, key string) (models.Tally, error) {
	tally, err := one(q, selectThrottle, []any{key}, tallyTable.fields)
	if errors.Is(err, sql.ErrNoRows) {
		return models.Tally{}, nil
	}
	return tally, err
}

func (s throttles) DeleteExpired(ctx context.Context, now time.Time) (total int64, err error) {
	for n := int64(maxSwept); n == maxSwept; total += n {
		err := s.write(ctx, func(q *statements) (err error) {
			n, err = q.exec(sweepThrottles, now.UnixMilli(), maxSwept)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
