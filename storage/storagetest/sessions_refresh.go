package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var refreshTests = map[string]func(*testing.T, suite){
	"a rotation replaces the refresh hash":          testRotate,
	"a wrong hash does not rotate":                  testRotateWrongHash,
	"a deleted session is not found":                testRotateDeleted,
	"concurrent rotations return the same session":  testRotateRace,
	"a rotation does not restore a deleted session": testRotateDeleteRace,
	"a touch stores the time":                       testTouch,
}

func testRotate(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session, other := addSession(t, s, newSession(user.ID)), addSession(t, s, newSession(user.ID))
	for i, next := range []string{"second", "third"} {
		at := later.Add(time.Duration(i) * time.Hour)
		session.PreviousHash, session.RefreshHash, session.RotatedAt, session.LastUsedAt = session.RefreshHash, next, at, at
		got, err := s.Sessions().Rotate(t.Context(), session.ID, session.PreviousHash, next, at.Add(time.Microsecond))
		wantOK(t, err)
		wantEqual(t, got, session)
		wantSession(t, s, session, user)
	}
	wantSession(t, s, other, user)
}

func testRotateWrongHash(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := newSession(user.ID)
	session.PreviousHash = "previous"
	addSession(t, s, session)
	for _, from := range []string{"previous", "unknown", ""} {
		got, err := s.Sessions().Rotate(t.Context(), session.ID, from, "next", later)
		wantOK(t, err)
		wantEqual(t, got, session)
		wantSession(t, s, session, user)
	}
}

func testRotateDeleted(t *testing.T, s suite) {
	_, err := s.Sessions().Rotate(t.Context(), models.NewID(now), "first", "next", later)
	wantCode(t, err, models.NotFound)
}

func testRotateRace(t *testing.T, s suite) {
	const n = 20
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	seen := make([]models.Session, n)
	for _, err := range concurrently(n, func(i int) (err error) {
		at := later.Add(time.Duration(i) * time.Second)
		seen[i], err = s.Sessions().Rotate(t.Context(), session.ID, session.RefreshHash, fmt.Sprint("next ", i), at)
		return err
	}) {
		wantOK(t, err)
	}
	for _, got := range seen {
		wantEqual(t, got, seen[0])
		wantSession(t, s, got, user)
	}
	wantEqual(t, seen[0].PreviousHash, session.RefreshHash)
}

func testRotateDeleteRace(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	for _, err := range concurrently(10, func(i int) error {
		if i == 5 {
			return s.Sessions().Delete(t.Context(), session.ID, user.ID)
		}
		_, err := s.Sessions().Rotate(t.Context(), session.ID, session.RefreshHash, "next", later)
		return err
	}) {
		if err != nil {
			wantCode(t, err, models.NotFound)
		}
	}
	wantNoSession(t, s, session.ID, user.ID)
}

func testTouch(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	session := addSession(t, s, newSession(user.ID))
	wantOK(t, s.Sessions().Touch(t.Context(), session.ID, later.Add(time.Microsecond)))
	session.LastUsedAt = later
	wantSession(t, s, session, user)
	wantOK(t, s.Sessions().Touch(t.Context(), session.ID, later)) // the same time again
	wantCode(t, s.Sessions().Touch(t.Context(), models.NewID(now), later), models.NotFound)
}
