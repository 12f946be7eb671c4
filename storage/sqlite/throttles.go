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
	selectThrottle = "SELECT " + throttleTable.names + " FROM throttles WHERE key = ?"
	upsertThrottle = throttleTable.replace("throttles")
	deleteThrottle = "DELETE FROM throttles WHERE key = ?"
	// LIMIT keeps the statement short, so that other writes need not wait long.
	sweepThrottles = "DELETE FROM throttles WHERE key IN (SELECT key FROM throttles WHERE expires_at < ? LIMIT ?)"
)

// sweepBatch is the number of expired tallies that one write deletes. Such a write takes about 20 ms.
const sweepBatch = 5_000

func (s throttles) Get(ctx context.Context, keys ...string) ([]models.Tally, error) {
	tallies := make([]models.Tally, len(keys))
	err := s.call(ctx, func() (err error) {
		for i, key := range keys {
			if tallies[i], err = getTally(connection(ctx, s.lookups), key); err != nil {
				return err
			}
		}
		return nil
	})
	return tallies, err
}

// Change is atomic because the writer runs one job at a time.
func (s throttles) Change(ctx context.Context, key string, change func(models.Tally) models.Tally) error {
	return s.write(ctx, func(q *statements) error {
		tally, err := getTally(q, key)
		if err != nil {
			return err
		}
		if tally = change(tally); tally == (models.Tally{}) {
			_, err = q.exec(deleteThrottle, key)
			return err
		}
		_, err = q.exec(upsertThrottle, throttleTable.values(models.TallyRecord{Key: key, Tally: tally})...)
		return err
	})
}

// getTally returns the tally of a key, or a zero tally if the key has none.
func getTally(q *statements, key string) (models.Tally, error) {
	record, err := one(q, selectThrottle, []any{key}, throttleTable.fields)
	if errors.Is(err, sql.ErrNoRows) {
		return models.Tally{}, nil
	}
	return record.Tally, err
}

func (s throttles) DeleteExpired(ctx context.Context, now time.Time) (total int64, err error) {
	for n := int64(sweepBatch); n == sweepBatch; total += n {
		err := s.remove(ctx, func(q *statements) (err error) {
			n, err = q.exec(sweepThrottles, now.UnixMilli(), sweepBatch)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
