package storagetest

import (
	"testing"

	"bookplate/models"
)

var usernameTests = map[string]func(*testing.T, suite){
	"user names ignore case":                            testUsernameCase,
	"user names are unique":                             testUsernameConflict,
	"accounts without a user name do not conflict":      testUsernameNone,
	"of 50 concurrent equal user names one succeeds":    testUsernameRace,
	"disabling frees the user name":                     testUsernameDisable,
	"enabling reserves the user name again":             testUsernameEnable,
	"enabling conflicts with a new account of the name": testUsernameEnableConflict,
	"an unknown user name is not found":                 testUsernameNotFound,
	"a user name can be set and changed":                testUsernameUpdate,
	"a user name of another account conflicts":          testUsernameUpdateTaken,
	"the user name of a disabled account cannot change": testUsernameUpdateDisabled,
	"a user name with @ must be the account's address":  testUsernameOwnAddress,
}

func newNamedUser(email, username string) models.User {
	u := newUser(email)
	u.Username = username
	return u
}

// wantNamed checks that GetByUsername returns want.
func wantNamed(t *testing.T, s suite, username string, want models.User) {
	t.Helper()
	got, err := s.Users().GetByUsername(t.Context(), username)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func testUsernameCase(t *testing.T, s suite) {
	user := addUser(t, s, newNamedUser("ada@example.com", "Élodie the 1st"))
	for _, username := range []string{"Élodie the 1st", "élodie the 1ST", "ÉLODIE THE 1ST"} {
		wantNamed(t, s, username, user)
	}
	got, err := s.Users().GetByEmail(t.Context(), "ada@example.com")
	wantOK(t, err)
	wantEqual(t, got, user)
}

func testUsernameConflict(t *testing.T, s suite) {
	user := addUser(t, s, newNamedUser("ada@example.com", "ada"))
	for _, username := range []string{"ada", "ADA"} {
		wantCode(t, s.Users().Create(t.Context(), newNamedUser("other@example.com", username)), models.Conflict)
	}
	wantCode(t, s.Users().Create(t.Context(), newNamedUser("ada@example.com", "other")), models.Conflict)
	wantNamed(t, s, "ada", user)
	addUser(t, s, newNamedUser("other@example.com", "other")) // the rejected calls reserved nothing
}

func testUsernameNone(t *testing.T, s suite) {
	addUser(t, s, newUser("ada@example.com"))
	addUser(t, s, newUser("other@example.com"))
	_, err := s.Users().GetByUsername(t.Context(), "")
	wantCode(t, err, models.NotFound)
}

func testUsernameRace(t *testing.T, s suite) {
	wantOneSuccess(t, concurrently(50, func(i int) error {
		return s.Users().Create(t.Context(), newNamedUser(string(rune('a'+i))+"@example.com", "ada"))
	}))
}

func testUsernameDisable(t *testing.T, s suite) {
	setActive(t, s, addUser(t, s, newNamedUser("ada@example.com", "ada")), false)
	_, err := s.Users().GetByUsername(t.Context(), "ada")
	wantCode(t, err, models.NotFound)
	second := addUser(t, s, newNamedUser("other@example.com", "Ada"))
	wantNamed(t, s, "ada", second)
	setActive(t, s, second, false) // two disabled accounts may have the same name
}

func testUsernameEnable(t *testing.T, s suite) {
	user := setActive(t, s, addUser(t, s, newNamedUser("ada@example.com", "ada")), false)
	user = setActive(t, s, user, true)
	wantNamed(t, s, "ada", user)
	wantCode(t, s.Users().Create(t.Context(), newNamedUser("other@example.com", "ada")), models.Conflict)
	bare := setActive(t, s, addUser(t, s, newUser("bare@example.com")), false)
	setActive(t, s, bare, true)
	second := setActive(t, s, addUser(t, s, newUser("second@example.com")), false)
	setActive(t, s, second, true) // no conflict without user names
}

func testUsernameEnableConflict(t *testing.T, s suite) {
	old := setActive(t, s, addUser(t, s, newNamedUser("ada@example.com", "ada")), false)
	second := addUser(t, s, newNamedUser("other@example.com", "ada"))
	_, err := s.Users().Update(t.Context(), old.ID, models.UserUpdate{Active: new(true), UpdatedAt: later})
	wantCode(t, err, models.Conflict)
	wantNamed(t, s, "ada", second)
	got, err := s.Users().Get(t.Context(), old.ID)
	wantOK(t, err)
	wantEqual(t, got, old)
}

func testUsernameNotFound(t *testing.T, s suite) {
	addUser(t, s, newNamedUser("ada@example.com", "ada"))
	for _, username := range []string{"adam", "ada@example.com", " ada"} {
		_, err := s.Users().GetByUsername(t.Context(), username)
		wantCode(t, err, models.NotFound)
	}
}

// setUsername changes the user name of an account and returns the account.
func setUsername(t *testing.T, s suite, user models.User, username string) models.User {
	t.Helper()
	got, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{Username: &username, UpdatedAt: later})
	wantOK(t, err)
	user.Username, user.UpdatedAt = username, later
	wantEqual(t, got, user)
	return user
}

func testUsernameUpdate(t *testing.T, s suite) {
	user := setUsername(t, s, addUser(t, s, newUser("ada@example.com")), "Ada")
	wantNamed(t, s, "ada", user)
	user = setUsername(t, s, setUsername(t, s, user, "ADA"), "countess") // an account may change the case of its name
	wantNamed(t, s, "countess", user)
	addUser(t, s, newNamedUser("other@example.com", "ada"))
	user = setActive(t, s, setActive(t, s, user, false), true)
	wantNamed(t, s, "countess", user)
	wantCode(t, s.Users().Create(t.Context(), newNamedUser("third@example.com", "Countess")), models.Conflict)
}

func testUsernameUpdateTaken(t *testing.T, s suite) {
	user, other := addUser(t, s, newNamedUser("ada@example.com", "ada")), addUser(t, s, newNamedUser("other@example.com", "other"))
	up := models.UserUpdate{Name: new("Somebody Else"), Username: new("OTHER"), UpdatedAt: later}
	_, err := s.Users().Update(t.Context(), user.ID, up)
	wantCode(t, err, models.Conflict)
	for _, want := range []models.User{user, other} {
		wantNamed(t, s, want.Username, want)
	}
}

func testUsernameUpdateDisabled(t *testing.T, s suite) {
	user := setActive(t, s, addUser(t, s, newNamedUser("ada@example.com", "ada")), false)
	_, err := s.Users().Update(t.Context(), user.ID, models.UserUpdate{Username: new("countess"), UpdatedAt: later})
	wantCode(t, err, models.NotFound)
	got, err := s.Users().Get(t.Context(), user.ID)
	wantOK(t, err)
	wantEqual(t, got, user)
	addUser(t, s, newNamedUser("other@example.com", "countess"))
}

func testUsernameOwnAddress(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	user = setUsername(t, s, user, "ADA@example.com")
	user = setUsername(t, s, setEmail(t, s, user, "Countess@example.com"), "countess")
	for _, username := range []string{"ada@example.com", "@", "countess@example.com.evil.example"} {
		up := models.UserUpdate{Name: new("Somebody Else"), Username: &username, UpdatedAt: later.Add(1)}
		_, err := s.Users().Update(t.Context(), user.ID, up)
		wantCode(t, err, models.NotFound)
		wantNamed(t, s, "countess", user)
	}
	user = setUsername(t, s, user, "countess@EXAMPLE.com")
	up := models.UserUpdate{Email: new("new@example.com"), Username: new("new@example.com"), UpdatedAt: later}
	got, err := s.Users().Update(t.Context(), user.ID, up) // the name moves with the address
	wantOK(t, err)
	wantEqual(t, got, up.Apply(user))
}
