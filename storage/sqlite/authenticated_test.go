package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"bookplate/models"
)

// TestForeignChangesAreAuthenticatedWith ends a session by another connection, as a program does that ignores the lock file.
func TestForeignChangesAreAuthenticatedWith(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	user := models.User{ID: models.NewID(time.Now()), Name: "Ada", Email: "ada@example.com", Active: true}
	session := models.Session{ID: models.NewID(time.Now()), UserID: user.ID}
	check(t, s.Users().Create(t.Context(), user))
	check(t, s.Sessions().Create(t.Context(), session))
	_, _, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	check(t, err)

	other, err := OpenBeside(t.Context(), path)
	check(t, err)
	check(t, other.Sessions().Delete(t.Context(), session.ID, user.ID))
	check(t, other.Close())
	for deadline := time.Now().Add(5 * time.Minute); models.CodeOf(err) != models.NotFound; time.Sleep(checkInterval / 10) {
		if time.Now().After(deadline) {
			t.Fatalf("the session is still accepted: %v", err)
		}
		_, _, err = s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	}
}

func TestAuthenticatedIsBounded(t *testing.T) {
	var a authenticated
	for range maxAuthenticated + 1 {
		a.add(authRow{session: models.Session{ID: models.NewID(time.Now())}}, 0)
	}
	if len(a.rows) != 1 {
		t.Errorf("%d sessions are kept, want 1", len(a.rows))
	}
}
