package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// testUserEnableRace enables an account with six calls that start at slightly different times; the first also renames
// it. Afterwards the account is found only by its current names.
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

// wantFoundByName checks that an account with the user name is found by that name and by its e-mail address, and that an
// account with another user name is found by neither.
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
