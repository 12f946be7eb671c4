package tests

import (
	"database/sql" //nolint:depguard // what another program sees of the database and does to it
	"testing"

	_ "modernc.org/sqlite" //nolint:depguard // the driver of the above
)

// wantWhole checks that a database file is whole, by SQLite's own judgement.
func wantWhole(t *testing.T, path string) {
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

// makeNewer gives a database file a version that this server does not know.
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
	defer db.Close() //nolint:errcheck // what counts has been read or written by then
	if err := do(db); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
