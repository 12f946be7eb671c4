package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// testUserEnableRace renames an account while it is being enabled, by calls that begin a little apart. In the end it is
// found by the names that it shows, and by no other.
func testUserEnableRace(t *testing.T, s suite) {
	for round := range 40 {
		old, renamed := fmt.Sprint("ada ", round), fmt.Sprint("countess ", round)
		user := setActive(t, s, addUser(t, s, newNamedUser(old+"@example.com", old)), false)
		enable := models.UserUpdate{Active: new(true), UpdatedAt: later}
		rename := models.UserUpdate{Email: new(renamed + "@example.com"), Username: &renamed, UpdatedAt: later}
		for _, err := range atOnce(6, func(i int) error {
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
		wantOwnNames(t, s, user.ID, old)
		wantOwnNames(t, s, user.ID, renamed)
	}
}

// wantOwnNames checks that an account is found by a name, as user name and in an address, if and only if it has it.
func wantOwnNames(t *testing.T, s suite, id models.ID, name string) {
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
