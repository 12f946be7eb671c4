package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
)

// migrations are the steps from an empty file to the current tables. A released step must not change.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate runs the steps that have not run on a database yet. The pragma user_version of the database stores the number
// of steps that have run.
func migrate(ctx context.Context, conn *sql.Conn, from fs.ReadFileFS) error {
	version, steps, err := versionOf(ctx, conn, from)
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("it has version %d, but this bookplate supports versions up to %d: "+
			"run a newer bookplate, or choose another DATABASE_URL", version, len(steps))
	}
	for ; version < len(steps); version++ {
		name := path.Join("migrations", steps[version].Name())
		step, err := from.ReadFile(name)
		if err != nil {
			return err
		}
		if err := applyStep(ctx, conn, string(step), version+1); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// checkVersion returns an error unless a database is up to date.
func checkVersion(ctx context.Context, conn *sql.Conn, from fs.ReadFileFS) error {
	version, steps, err := versionOf(ctx, conn, from)
	if err == nil && version != len(steps) {
		return fmt.Errorf("it has version %d and this bookplate version %d: use the program that serves it", version, len(steps))
	}
	return err
}

// versionOf returns the number of steps that have run on a database, and a list of all steps in order.
func versionOf(ctx context.Context, conn *sql.Conn, from fs.ReadFileFS) (version int, steps []fs.DirEntry, err error) {
	if steps, err = fs.ReadDir(from, "migrations"); err != nil { // sorted by name, and so by number
		return 0, nil, err
	}
	err = conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, steps, err
}

// applyStep runs one step and stores the new version, in one transaction.
func applyStep(ctx context.Context, conn *sql.Conn, step string, version int) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // Rollback does nothing after the commit
	if _, err := tx.ExecContext(ctx, step); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}
