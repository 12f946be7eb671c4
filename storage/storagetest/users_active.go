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

	renewed := addUser(t, s, newUser("ADA@example.com"))
	got, err := s.Users().GetByEmail(t.Context(), old.Email)
	wantOK(t, err)
	wantEqual(t, got, renewed)
	got, err = s.Users().Get(t.Context(), old.ID)
	wantOK(t, err)
	wantEqual(t, got, old)

	setActive(t, s, renewed, false) // two disabled accounts of one address are no conflict
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
	renewed := addUser(t, s, newUser("Ada@Example.com"))
	up := models.UserUpdate{Name: new("Somebody Else"), Active: new(true), UpdatedAt: later}
	_, err := s.Users().Update(t.Context(), old.ID, up)
	wantCode(t, err, models.Conflict)

	for _, want := range []models.User{old, renewed} {
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
	for _, i := range []int{3, 0, 7, 1, 6, 2, 5, 4} { // the order of ids is not the order of writing
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
	wantSame(t, got, users)
}

func testUserOtherAdmins(t *testing.T, s suite) {
	reader, admin, gone := newUser("ada@example.com"), newUser("root@example.com"), newUser("gone@example.com")
	admin.Role, gone.Role = models.RoleAdmin, models.RoleAdmin
	for _, user := range []models.User{reader, admin, gone} {
		addUser(t, s, user)
	}
	setActive(t, s, gone, false)
	for id, want := range map[models.ID]int64{reader.ID: 1, gone.ID: 1, admin.ID: 0} {
		n, err := s.Users().OtherAdmins(t.Context(), id)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
}
