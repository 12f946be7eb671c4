package storagetest

import (
	"testing"

	"bookplate/models"
)

// setEmail changes the address of an account and returns the account.
func setEmail(t *testing.T, s suite, user models.User, email string) models.User {
	t.Helper()
	got, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{Email: &email, UpdatedAt: later})
	wantOK(t, err)
	user.Email, user.UpdatedAt = email, later
	wantEqual(t, got, user)
	return user
}

func testUserEmail(t *testing.T, s suite) {
	user := setEmail(t, s, addUser(t, s, newUser("ada@example.com")), "Countess@Example.com")
	got, err := s.Users().GetByEmail(t.Context(), "countess@example.com")
	wantOK(t, err)
	wantEqual(t, got, user)
	_, err = s.Users().GetByEmail(t.Context(), "ada@example.com")
	wantCode(t, err, models.NotFound)
	addUser(t, s, newUser("ada@example.com")) // the old address is free

	user = setEmail(t, s, user, "countess@EXAMPLE.com") // the same address in another case
	user = setActive(t, s, setActive(t, s, user, false), true)
	wantCode(t, s.Users().Create(t.Context(), newUser("countess@example.com")), models.Conflict)
	got, err = s.Users().GetByEmail(t.Context(), user.Email)
	wantOK(t, err)
	wantEqual(t, got, user)
}

func testUserEmailTaken(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	other := addUser(t, s, newUser("other@example.com"))
	up := models.UserUpdate{Name: new("Somebody Else"), Email: new("OTHER@example.com"), UpdatedAt: later}
	_, err := s.Users().Update(t.Context(), user.ID, up)
	wantCode(t, err, models.Conflict)
	for _, want := range []models.User{user, other} {
		got, err := s.Users().GetByEmail(t.Context(), want.Email)
		wantOK(t, err)
		wantEqual(t, got, want)
	}
}

func testUserEmailOfDisabled(t *testing.T, s suite) {
	user := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false)
	up := models.UserUpdate{Email: new("countess@example.com"), UpdatedAt: later.Add(1)}
	_, err := s.Users().Update(t.Context(), user.ID, up)
	wantCode(t, err, models.NotFound)
	got, err := s.Users().Get(t.Context(), user.ID)
	wantOK(t, err)
	wantEqual(t, got, user)
}

func testUserDelete(t *testing.T, s suite) {
	user, other := addUser(t, s, newUser("ada@example.com")), addUser(t, s, newUser("other@example.com"))
	disabled := setActive(t, s, addUser(t, s, newUser("old@example.com")), false)
	for _, deleted := range []models.User{user, disabled} {
		wantOK(t, s.Users().Delete(t.Context(), deleted.ID))
		_, err := s.Users().Get(t.Context(), deleted.ID)
		wantCode(t, err, models.NotFound)
		wantCode(t, s.Users().Delete(t.Context(), deleted.ID), models.NotFound)
	}
	addUser(t, s, newUser("ada@example.com")) // the address is free
	got, err := s.Users().Get(t.Context(), other.ID)
	wantOK(t, err)
	wantEqual(t, got, other)
}
