package sqlite

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// version returns the user_version of a store's database.
func version(t *testing.T, s *Store) int64 {
	t.Helper()
	n, err := find(t.Context(), s, "PRAGMA user_version", nil, intField)
	check(t, err)
	return n
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	steps, err := fs.ReadDir(migrations, "migrations")
	check(t, err)
	for i, step := range steps {
		if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(step.Name(), want) {
			t.Errorf("migration %s should begin with %s", step.Name(), want)
		}
	}
}

func TestMigrationsRunOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	steps, err := fs.ReadDir(migrations, "migrations")
	check(t, err)
	for range 2 { // a second run of a step would fail
		s := openAt(t, path)
		if got := version(t, s); got != int64(len(steps)) {
			t.Fatalf("got version %d, want %d", got, len(steps))
		}
		check(t, s.Close())
	}
}

func TestNewerDatabaseIsRejected(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	_, err := s.writes.exec("PRAGMA user_version = 99")
	check(t, err)
	check(t, s.Close())
	wantOpenError(t, path, path, "version 99", "newer bookplate", "DATABASE_URL")
	wantOpenError(t, path, "version 99") // the failed Open released its lock
}

func TestMigrationStepIsAtomic(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "x.db"))
	check(t, err)
	defer func() { check(t, db.Close()) }()
	conn, err := db.Conn(t.Context())
	check(t, err)
	defer func() { check(t, conn.Close()) }()

	steps := fstest.MapFS{
		"migrations/0001_a.sql": {Data: []byte("CREATE TABLE a (x)")},
		"migrations/0002_b.sql": {Data: []byte("CREATE TABLE b (x); CREATE TABLE a (x)")},
	}
	if err := migrate(t.Context(), conn, steps); err == nil || !strings.Contains(err.Error(), "0002_b.sql") {
		t.Fatalf("got error %v, want one that names the step", err)
	}
	wantTables(t, conn, 1, 1)
	steps["migrations/0002_b.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE b (x)")}
	check(t, migrate(t.Context(), conn, steps)) // the corrected step runs, the first does not run again
	wantTables(t, conn, 2, 2)
}

func wantTables(t *testing.T, conn *sql.Conn, tables, version int) {
	t.Helper()
	var gotTables, gotVersion int
	query := "SELECT count(*), (SELECT user_version FROM pragma_user_version) FROM sqlite_schema"
	check(t, conn.QueryRowContext(t.Context(), query).Scan(&gotTables, &gotVersion))
	if gotTables != tables || gotVersion != version {
		t.Fatalf("got %d tables, version %d; want %d, version %d", gotTables, gotVersion, tables, version)
	}
}
