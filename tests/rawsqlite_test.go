package tests

import (
	"database/sql" //nolint:depguard // tests read and write the database directly
	"testing"

	_ "modernc.org/sqlite" //nolint:depguard // the driver for database/sql
)

// wantIntact checks a database file with SQLite's integrity check.
func wantIntact(t *testing.T, path string) {
	t.Helper()
	rawSQLite(t, path, func(db *sql.DB) error {
		var verdict string
		err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict)
		if err == nil && verdict != "ok" {
			t.Errorf("%s is damaged: %s", path, verdict)
		}
		return err
	})
}

// makeNewer sets the version of a database file to one that the server does not know.
func makeNewer(t *testing.T, path string) {
	t.Helper()
	rawSQLite(t, path, func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), "PRAGMA user_version = 99")
		return err
	})
}

func rawSQLite(t *testing.T, path string, do func(*sql.DB) error) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // everything has been read or written by then
	if err := do(db); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
