package storagetest

import (
	"context"
	"testing"
	"time"

	"bookplate/models"
)

var sessionTests = map[string]func(*testing.T, suite){
	"a session authenticates its user":         testSessionAuthenticate,
	"text and times are stored":                testSessionText,
	"unknown ids are not found":                testSessionNotFound,
	"a session without a user is not found":    testSessionWithoutUser,
	"a disabled user is returned":              testSessionUserDisabled,
	"an expired session is returned":           testSessionExpired,
	"a deleted session is not found":           testSessionDelete,
	"a session of another user is not deleted": testSessionDeleteOfAnotherUser,
	"expired sessions are deleted":             testSessionDeleteExpired,
	"each change is authenticated with":        testSessionAfterChanges,
	"no ended session is authenticated":        testSessionEndedMeanwhile,
}

// wantSession checks that a session authenticates its user.
func wantSession(t *testing.T, s suite, session models.Session, user models.User) {
	t.Helper()
	gotSession, gotUser, err := s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
	wantOK(t, err)
	wantEqual(t, gotSession, session)
	wantEqual(t, gotUser, user)
}

// wantNoSession checks that Authenticate does not find a session of a user.
func wantNoSession(t *testing.T, s suite, id, user models.ID) {
	t.Helper()
	_, _, err := s.Sessions().Authenticate(t.Context(), id, user)
	wantCode(t, err, models.NotFound)
}

func testSessionAuthenticate(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	first, second := addSession(t, s, newSession(user.ID)), addSession(t, s, newSession(user.ID))
	wantSession(t, s, first, user)
	wantSession(t, s, second, user)
}

func testSessionText(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	for _, text := range hardTexts {
		session := newSession(user.ID)
		session.UserAgent = text
		wantSession(t, s, addSession(t, s, session), user)
	}
	precise := newSession(user.ID)
	precise.CreatedAt = now.Add(time.Microsecond).In(time.FixedZone("", 60*60))
	addSession(t, s, precise)
	precise.CreatedAt = now
	wantSession(t, s, precise, user)
	bare := models.Session{ID: models.NewID(now), UserID: user.ID} // created before refresh tokens existed
	wantSession(t, s, addSession(t, s, bare), user)
}

func testSessionNotFound(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	other := addUser(t, s, newUser("other@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantNoSession(t, s, models.NewID(now), user.ID)
	wantNoSession(t, s, session.ID, other.ID)
	wantNoSession(t, s, session.ID, models.NewID(now))
}

func testSessionWithoutUser(t *testing.T, s suite) {
	deleted := models.NewID(now)
	session := addSession(t, s, newSession(deleted))
	wantNoSession(t, s, session.ID, deleted)
}

func testSessionUserDisabled(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantSession(t, s, session, setActive(t, s, user, false))
}

func testSessionExpired(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := newSession(user.ID)
	session.ExpiresAt = now.AddDate(-1, 0, 0)
	wantSession(t, s, addSession(t, s, session), user)
}

func testSessionDelete(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session, other := addSession(t, s, newSession(user.ID)), addSession(t, s, newSession(user.ID))
	wantOK(t, s.Sessions().Delete(t.Context(), session.ID, user.ID))
	wantNoSession(t, s, session.ID, user.ID)
	wantCode(t, s.Sessions().Delete(t.Context(), session.ID, user.ID), models.NotFound)
	wantSession(t, s, other, user)
}

func testSessionDeleteOfAnotherUser(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantCode(t, s.Sessions().Delete(t.Context(), session.ID, models.NewID(now)), models.NotFound)
	wantSession(t, s, session, user)
}

func testSessionDeleteExpired(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	sessions := make([]models.Session, 5)
	for i := range sessions {
		sessions[i] = newSession(user.ID)
		sessions[i].ExpiresAt = now.Add(time.Duration(i) * time.Millisecond)
		addSession(t, s, sessions[i])
	}
	for _, want := range []int64{2, 0} {
		n, err := s.Sessions().DeleteExpired(t.Context(), sessions[2].ExpiresAt)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for _, deleted := range sessions[:2] {
		wantNoSession(t, s, deleted.ID, user.ID)
	}
	for _, left := range sessions[2:] { // including the session that expires at the given time
		wantSession(t, s, left, user)
	}
}

// testSessionAfterChanges checks that Authenticate, which was called before, returns what was changed since.
func testSessionAfterChanges(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantSession(t, s, session, user)

	role := models.RoleAdmin
	user, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{Role: &role, UpdatedAt: now})
	wantOK(t, err)
	wantSession(t, s, session, user)

	session.LastUsedAt = now.Add(time.Hour)
	wantOK(t, s.Sessions().Touch(t.Context(), session.ID, session.LastUsedAt))
	wantSession(t, s, session, user)

	name := "Ada King"
	err = s.Batch(t.Context(), false, func(ctx context.Context) (err error) {
		user, err = s.Users().Update(ctx, user.ID, models.UserUpdate{Name: &name, UpdatedAt: now})
		return err
	})
	wantOK(t, err)
	wantSession(t, s, session, user)

	wantSession(t, s, session, setActive(t, s, user, false))

	wantOK(t, s.Users().Delete(t.Context(), user.ID))
	wantNoSession(t, s, session.ID, user.ID)
}

// testSessionEndedMeanwhile ends sessions while they are being used.
func testSessionEndedMeanwhile(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	for range 20 {
		session := addSession(t, s, newSession(user.ID))
		ended := make(chan struct{})
		errs := concurrently(4, func(i int) error {
			if i == 0 {
				defer close(ended)
				return s.Sessions().Delete(t.Context(), session.ID, user.ID)
			}
			for { // read the session until it has ended
				select {
				case <-ended:
					return nil
				default:
					_, _, _ = s.Sessions().Authenticate(t.Context(), session.ID, user.ID)
				}
			}
		})
		for _, err := range errs {
			wantOK(t, err)
		}
		wantNoSession(t, s, session.ID, user.ID)
	}
}
