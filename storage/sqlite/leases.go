package sqlite

import (
	"context"
	"time"
)

// leases implements models.Leases. Only one process can open the file, so SQLite needs no leases. But all engines pass
// the same tests.
type leases struct{ *Store }

const takeLease = `INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
	ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
	WHERE holder = excluded.holder OR until <= ?`

func (s leases) Take(ctx context.Context, name, holder string, now, until time.Time) (taken bool, err error) {
	err = s.write(ctx, func(q *statements) error {
		rows, err := q.exec(takeLease, name, holder, until.UnixMilli(), now.UnixMilli())
		taken = rows > 0
		return err
	})
	return taken, err
}

const releaseLease = `DELETE FROM leases WHERE name = ? AND holder = ?`

func (s leases) Release(ctx context.Context, name, holder string) error {
	return s.write(ctx, func(q *statements) error {
		_, err := q.exec(releaseLease, name, holder)
		return err
	})
}
