package storagetest

import (
	"slices"
	"testing"
	"time"

	"bookplate/models"
)

var sessionListTests = map[string]func(*testing.T, suite){
	"a user's sessions are listed in pages":            testSessionList,
	"an expired session is not listed":                 testSessionListExpired,
	"KnownIn finds the networks of unexpired sessions": testSessionKnownIn,
	"all sessions of a user are deleted":               testSessionDeleteAll,
	"all sessions but one are deleted":                 testSessionDeleteAllButOne,
	"enabling an account deletes its sessions":         testSessionEnable,
	"enabling an active account deletes no session":    testSessionEnableActive,
}

// listSessions returns all sessions of a user, read in pages of two.
func listSessions(t *testing.T, s suite, userID models.ID, at time.Time) []models.Session {
	t.Helper()
	var got []models.Session
	f := models.SessionFilter{UserID: userID, At: at, Limit: 2}
	for range 10 {
		page, err := s.Sessions().List(t.Context(), f)
		wantOK(t, err)
		got = append(got, page...)
		if len(page) < f.Limit {
			return got
		}
		f.After = page[len(page)-1].ID
	}
	t.Fatal("the list does not end")
	return nil
}

// addSessions stores n sessions of a user and returns them, the latest first.
func addSessions(t *testing.T, s suite, userID models.ID, n int) []models.Session {
	t.Helper()
	sessions := make([]models.Session, n)
	for i := range sessions {
		sessions[n-1-i] = addSession(t, s, newSession(userID))
	}
	return sessions
}

func testSessionList(t *testing.T, s suite) {
	user, other := models.NewID(now), models.NewID(now)
	mine, others := addSessions(t, s, user, 5), addSessions(t, s, other, 2)
	wantEqualList(t, listSessions(t, s, user, now), mine)
	wantEqualList(t, listSessions(t, s, other, now), others)
	wantEqual(t, len(listSessions(t, s, models.NewID(now), now)), 0)
}

func testSessionListExpired(t *testing.T, s suite) {
	user := models.NewID(now)
	sessions := addSessions(t, s, user, 3)
	late := newSession(user)
	late.ExpiresAt = late.ExpiresAt.Add(time.Hour)
	addSession(t, s, late)
	wantEqual(t, len(listSessions(t, s, user, sessions[0].ExpiresAt.Add(-time.Millisecond))), 4)
	wantEqualList(t, listSessions(t, s, user, sessions[0].ExpiresAt), []models.Session{late})
}

func testSessionKnownIn(t *testing.T, s suite) {
	user, other := models.NewID(now), models.NewID(now)
	session := newSession(user)
	session.Network = "192.0.2.1"
	addSession(t, s, session)
	old := newSession(user)
	old.Network = "" // created before networks were recorded
	addSession(t, s, old)
	addSession(t, s, newSession(other))
	for _, c := range []struct {
		user    models.ID
		network string
		at      time.Time
		want    bool
	}{
		{user, "192.0.2.1", now, true},
		{user, "192.0.2.1", session.ExpiresAt, false},
		{user, "192.0.2.2", now, false},
		{user, "2001:db8::/64", now, false},
		{other, "192.0.2.1", now, false},
		{other, "2001:db8::/64", now, true},
		{"", "192.0.2.1", now, false}, // no user
	} {
		known, err := s.Sessions().KnownIn(t.Context(), c.user, c.network, c.at)
		wantOK(t, err)
		wantEqual(t, known, c.want)
	}
	wantOK(t, s.Sessions().Delete(t.Context(), session.ID, user))
	known, err := s.Sessions().KnownIn(t.Context(), user, "192.0.2.1", now)
	wantOK(t, err)
	wantEqual(t, known, false)
}

func testSessionDeleteAll(t *testing.T, s suite) {
	user, other := models.NewID(now), models.NewID(now)
	addSessions(t, s, user, 3)
	others := addSessions(t, s, other, 2)
	for range 2 { // the second call deletes none
		wantOK(t, s.Sessions().DeleteAll(t.Context(), user, ""))
		wantEqual(t, len(listSessions(t, s, user, now)), 0)
	}
	wantEqualList(t, listSessions(t, s, other, now), others)
}

func testSessionDeleteAllButOne(t *testing.T, s suite) {
	user, other := models.NewID(now), models.NewID(now)
	mine, others := addSessions(t, s, user, 3), addSessions(t, s, other, 1)
	wantOK(t, s.Sessions().DeleteAll(t.Context(), user, mine[1].ID))
	wantEqualList(t, listSessions(t, s, user, now), slices.Clone(mine[1:2]))
	wantOK(t, s.Sessions().DeleteAll(t.Context(), user, others[0].ID)) // the session of another user
	wantEqual(t, len(listSessions(t, s, user, now)), 0)
	wantEqualList(t, listSessions(t, s, other, now), others)
}

func testSessionEnable(t *testing.T, s suite) {
	user, other := addUser(t, s, newUser("ada@example.com")), addUser(t, s, newUser("other@example.com"))
	session, others := addSession(t, s, newSession(user.ID)), addSession(t, s, newSession(other.ID))
	disabled := setActive(t, s, user, false)
	wantSession(t, s, session, disabled)
	setActive(t, s, disabled, true)
	wantNoSession(t, s, session.ID, user.ID)
	wantSession(t, s, others, other)
}

func testSessionEnableActive(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantSession(t, s, session, setActive(t, s, user, true))
}
