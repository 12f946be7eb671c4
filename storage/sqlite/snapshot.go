package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"bookplate/models"
)

var _ models.Snapshotter = (*Store)(nil)

// Snapshot writes the data to a new file. It has a connection of its own, so that other reads and writes need not wait.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	return s.call(ctx, func() error {
		if err := s.writes.file.check(); err != nil {
			return err
		}
		// SQLite would create a file that other users of the system can read. It accepts an empty file.
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the caller chose the path
		if err != nil {
			return err
		}
		err = runOn(s.writes.file.path, func(db *sql.DB) error {
			_, err := db.ExecContext(ctx, "VACUUM INTO ?", path)
			return err
		})
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
		return runOn(path, func(db *sql.DB) error { return checkIntegrity(ctx, db) })
	})
}

// runOn calls do with a connection to a database file.
func runOn(path string, do func(*sql.DB) error) error {
	name, err := dsn(path)
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// checkIntegrity returns an error if the database is damaged.
func checkIntegrity(ctx context.Context, db *sql.DB) error {
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return fmt.Errorf("the database is damaged: %s", result)
	}
	return nil
}
