package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

// setActive disables or enables an account, and returns it.
func setActive(t *testing.T, s suite, user models.User, active bool) models.User {
	t.Helper()
	got, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{Active: &active, UpdatedAt: later})
	wantOK(t, err)
	user.Active, user.UpdatedAt = active, later
	wantEqual(t, got, user)
	return user
}

func testUserDisable(t *testing.T, s suite) {
	old := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false)
	_, err := s.Users().GetByEmail(t.Context(), old.Email)
	wantCode(t, err, models.NotFound)

	second := addUser(t, s, newUser("ADA@example.com"))
	got, err := s.Users().GetByEmail(t.Context(), old.Email)
	wantOK(t, err)
	wantEqual(t, got, second)
	got, err = s.Users().Get(t.Context(), old.ID)
	wantOK(t, err)
	wantEqual(t, got, old)

	setActive(t, s, second, false) // two disabled accounts may have the same address
}

func testUserEnable(t *testing.T, s suite) {
	user := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false)
	user = setActive(t, s, user, true)
	got, err := s.Users().GetByEmail(t.Context(), user.Email)
	wantOK(t, err)
	wantEqual(t, got, user)
	wantCode(t, s.Users().Create(t.Context(), newUser("Ada@example.com")), models.Conflict)
}

func testUserEnableConflict(t *testing.T, s suite) {
	old := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false)
	second := addUser(t, s, newUser("Ada@Example.com"))
	up := models.UserUpdate{Name: new("Somebody Else"), Active: new(true), UpdatedAt: later}
	_, err := s.Users().Update(t.Context(), old.ID, up)
	wantCode(t, err, models.Conflict)

	for _, want := range []models.User{old, second} {
		got, err := s.Users().Get(t.Context(), want.ID)
		wantOK(t, err)
		wantEqual(t, got, want)
	}
}

func testUserList(t *testing.T, s suite) {
	var users []models.User
	for i := range 8 {
		users = append(users, newUser(fmt.Sprintf("%d@example.com", i)))
	}
	for _, i := range []int{3, 0, 7, 1, 6, 2, 5, 4} { // the order of creation differs from the order of ids
		addUser(t, s, users[i])
	}
	users[2] = setActive(t, s, users[2], false)

	var got []models.User
	f := models.UserFilter{Limit: 3}
	for range 4 {
		page, err := s.Users().List(t.Context(), f)
		wantOK(t, err)
		got = append(got, page...)
		if len(page) == 0 {
			break
		}
		wantEqual(t, len(page), min(3, len(users)-len(got)+len(page)))
		f.After = page[len(page)-1].ID
	}
	wantEqualList(t, got, users)
}

func testUserOtherAdmins(t *testing.T, s suite) {
	reader, admin, disabled := newUser("ada@example.com"), newUser("root@example.com"), newUser("disabled@example.com")
	admin.Role, disabled.Role = models.RoleAdmin, models.RoleAdmin
	for _, user := range []models.User{reader, admin, disabled} {
		addUser(t, s, user)
	}
	setActive(t, s, disabled, false)
	for id, want := range map[models.ID]int64{reader.ID: 1, disabled.ID: 1, admin.ID: 0} {
		n, err := s.Users().OtherAdmins(t.Context(), id)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
}
