package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

func testUserReplaceHash(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	for _, other := range []string{"", "another hash", user.PasswordHash + " "} {
		up := models.UserUpdate{Name: new("Eve Eavesdropper"), PasswordHash: new("Eve's"), ReplacedHash: &other, UpdatedAt: later}
		_, err := s.Users().Update(t.Context(), user.ID, up)
		wantCode(t, err, models.NotFound)
		up.Active = new(true)
		_, err = s.Users().Update(t.Context(), user.ID, up)
		wantCode(t, err, models.NotFound)
		got, err := s.Users().Get(t.Context(), user.ID)
		wantOK(t, err)
		wantEqual(t, got, user)
	}
	got, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{
		PasswordHash: new("a new hash"), ReplacedHash: new(user.PasswordHash),
	})
	wantOK(t, err)
	user.PasswordHash = "a new hash"
	wantEqual(t, got, user)
}

func testUserReplaceHashRace(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	replaced := 0
	for i, err := range concurrently(20, func(i int) error {
		up := models.UserUpdate{PasswordHash: new(fmt.Sprint("hash ", i)), ReplacedHash: &user.PasswordHash}
		_, err := s.Users().Update(t.Context(), user.ID, up)
		return err
	}) {
		if err != nil {
			wantCode(t, err, models.NotFound)
			continue
		}
		replaced++
		got, err := s.Users().Get(t.Context(), user.ID)
		wantOK(t, err)
		wantEqual(t, got.PasswordHash, fmt.Sprint("hash ", i))
	}
	wantEqual(t, replaced, 1)
}
