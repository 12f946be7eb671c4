package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// testUserEnableRace enables an account with six calls that start at slightly different times. The first call also
// renames the account. Afterwards the account is found only by its current names.
func testUserEnableRace(t *testing.T, s suite) {
	for round := range 40 {
		old, renamed := fmt.Sprint("ada ", round), fmt.Sprint("countess ", round)
		user := setActive(t, s, addUser(t, s, newNamedUser(old+"@example.com", old)), false)
		enable := models.UserUpdate{Active: new(true), UpdatedAt: later}
		rename := models.UserUpdate{Email: new(renamed + "@example.com"), Username: &renamed, UpdatedAt: later}
		for _, err := range concurrently(6, func(i int) error {
			for range i {
				if _, err := s.Users().Get(t.Context(), user.ID); err != nil {
					return err
				}
			}
			if _, err := s.Users().Update(t.Context(), user.ID, enable); err != nil || i > 0 {
				return err
			}
			_, err := s.Users().Update(t.Context(), user.ID, rename)
			return err
		}) {
			wantOK(t, err)
		}
		wantFoundByName(t, s, user.ID, old)
		wantFoundByName(t, s, user.ID, renamed)
	}
}

// wantFoundByName looks for an account by a user name and by the e-mail address made from that name. If the account has
// this user name, both must find it. If it has another user name, neither may find it.
func wantFoundByName(t *testing.T, s suite, id models.ID, name string) {
	t.Helper()
	user, err := s.Users().Get(t.Context(), id)
	wantOK(t, err)
	byEmail, emailErr := s.Users().GetByEmail(t.Context(), name+"@example.com")
	byName, nameErr := s.Users().GetByUsername(t.Context(), name)
	if user.Username == name {
		wantOK(t, emailErr)
		wantOK(t, nameErr)
		wantEqual(t, byEmail, user)
		wantEqual(t, byName, user)
		return
	}
	wantCode(t, emailErr, models.NotFound)
	wantCode(t, nameErr, models.NotFound)
}
