package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"bookplate/models"
)

// A database that has only the first migration keeps its rows when it is migrated.
func TestMigrationKeepsRows(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	path := filepath.Join(t.TempDir(), "bookplate.db")
	at := time.UnixMilli(1_700_000_000_000).UTC()
	user := models.User{
		ID: models.NewID(at), Name: "Ada Lovelace", Email: "ada@example.com", PasswordHash: "hash", Active: true,
		Role: models.RoleUser, CreatedAt: at, UpdatedAt: at,
	}
	session := models.Session{
		ID: models.NewID(at), UserID: user.ID, CreatedAt: at, ExpiresAt: at.Add(time.Hour), RotatedAt: at, LastUsedAt: at,
		IP: "::1", UserAgent: "curl",
	}
	createAtStep(t, path, "0001_library.sql",
		"INSERT INTO users VALUES ('"+string(user.ID)+"', 'ada@example.com', 'ada@example.com', 'Ada Lovelace', 'hash', 1, "+
			"'user', 1700000000000, 1700000000000)",
		"INSERT INTO sessions VALUES ('"+string(session.ID)+"', '"+string(user.ID)+"', 1700000000000, 1700003600000, '::1', 'curl')")

	s := openAt(t, path)
	gotSession, gotUser, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	check(t, err)
	if gotSession != session || gotUser != user {
		t.Errorf("got  %+v, %+v\nwant %+v, %+v", gotSession, gotUser, session, user)
	}
	check(t, s.Close())
}

// createAtStep creates a database with the migrations up to last, and then executes the SQL statements in rows.
func createAtStep(t *testing.T, path, last string, rows ...string) {
	t.Helper()
	entries, err := migrations.ReadDir("migrations")
	check(t, err)
	steps := fstest.MapFS{}
	for _, entry := range entries {
		if entry.Name() > last {
			break
		}
		content, err := migrations.ReadFile("migrations/" + entry.Name())
		check(t, err)
		steps["migrations/"+entry.Name()] = &fstest.MapFile{Data: content}
	}
	db, err := sql.Open("sqlite", path)
	check(t, err)
	conn, err := db.Conn(t.Context())
	check(t, err)
	check(t, migrate(t.Context(), conn, steps))
	for _, row := range rows {
		_, err := conn.ExecContext(t.Context(), row)
		check(t, err)
	}
	check(t, conn.Close())
	check(t, db.Close())
}

// The migration recomputes the keys of names. Two accounts whose keys would become equal stay separate accounts.
func TestMigrationRenewsKeys(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	path := filepath.Join(t.TempDir(), "bookplate.db")
	const insert = "INSERT INTO users (id, email, email_key, username, username_key, name, password_hash, active, role, created_at, " +
		"updated_at) VALUES "
	createAtStep(t, path, "0006_networks.sql",
		insert+"('0000000000000000000000aa', 'a@example.com', 'a@example.com', 'Zoe\u0308', 'zoe\u0308', 'Zoe', 'h', 1, 'user', 0, 0)",
		insert+"('0000000000000000000000ab', 'b@example.com', 'b@example.com', 'Zo\u00eb', 'zo\u00eb', 'Zoe', 'h', 1, 'user', 0, 0)",
		insert+"('0000000000000000000000ac', 'c@example.com', 'c@example.com', 'Lo\u0308we', 'lo\u0308we', 'Leo', 'h', 1, 'user', 0, 0)")
	s := openAt(t, path)
	for name, want := range map[string]models.ID{
		"l\u00f6we": "0000000000000000000000ac", "zo\u00eb": "0000000000000000000000ab",
	} {
		if u, err := s.Users().GetByUsername(t.Context(), name); err != nil || u.ID != want {
			t.Errorf("%s is %s, error %v, want %s", name, u.ID, err, want)
		}
	}
	if u, err := s.Users().GetByEmail(t.Context(), "a@example.com"); err != nil || u.Username != "Zoe\u0308" {
		t.Errorf("the other account is %+v, error %v", u, err)
	}
	check(t, s.Close())
}
