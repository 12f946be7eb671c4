package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

var userTests = map[string]func(*testing.T, suite){
	"Get returns a user as created":                        testUserRoundtrip,
	"several users are found at once":                      testUsersOf,
	"text is stored unchanged":                             testUserText,
	"times are in UTC with milliseconds":                   testUserTimes,
	"an unknown user is not found":                         testUserNotFound,
	"addresses ignore case":                                testUserEmailCase,
	"addresses are unique":                                 testUserConflict,
	"of 50 concurrent equal sign-ups one succeeds":         testUserRace,
	"an update changes the fields that are set":            testUserUpdate,
	"disabling frees the address":                          testUserDisable,
	"enabling reserves the address again":                  testUserEnable,
	"enabling conflicts with a new account of the address": testUserEnableConflict,
	"lists are sorted by id":                               testUserList,
	"other administrators are counted":                     testUserOtherAdmins,
	"a search finds names and addresses":                   testUserSearch,
	"an address can change":                                testUserEmail,
	"an address of another account conflicts":              testUserEmailTaken,
	"the address of a disabled account cannot change":      testUserEmailOfDisabled,
	"a deleted account is not found":                       testUserDelete,
	"a hash is replaced only if it is the expected one":    testUserReplaceHash,
	"one of 20 concurrent calls replaces a hash":           testUserReplaceHashRace,
	"a rename while the account is enabled":                testUserEnableRace,
}

func testUserRoundtrip(t *testing.T, s suite) {
	admin := newUser("Grace.Hopper@Example.com")
	admin.Role, admin.FirstName, admin.LastName, admin.Pending = models.RoleAdmin, "Grace", "Hopper", true
	for _, user := range []models.User{newUser("ada@example.com"), admin} {
		addUser(t, s, user)
		got, err := s.Users().Get(t.Context(), user.ID)
		wantOK(t, err)
		wantEqual(t, got, user)
	}
}

func testUsersOf(t *testing.T, s suite) {
	ada, bob := addUser(t, s, newUser("ada@example.com")), addUser(t, s, newUser("bob@example.com"))
	addUser(t, s, newUser("eve@example.com"))
	bob, err := s.Users().Update(t.Context(), bob.ID, models.UserUpdate{Active: new(false)})
	wantOK(t, err)
	got, err := s.Users().Of(t.Context(), []models.ID{bob.ID, models.NewID(now), ada.ID})
	wantOK(t, err)
	slices.SortFunc(got, func(a, b models.User) int { return strings.Compare(a.Email, b.Email) })
	wantEqual(t, got, []models.User{ada, bob})
	got, err = s.Users().Of(t.Context(), nil)
	wantOK(t, err)
	wantEqual(t, len(got), 0)
}

func testUserText(t *testing.T, s suite) {
	for i, text := range append(hardTexts, strings.Repeat("é", 10_000)) {
		user := newUser(fmt.Sprintf("%d@example.com", i))
		user.Name, user.PasswordHash = text, text
		addUser(t, s, user)
		got, err := s.Users().Get(t.Context(), user.ID)
		wantOK(t, err)
		wantEqual(t, got, user)
	}
}

func testUserTimes(t *testing.T, s suite) {
	precise := newUser("precise@example.com")
	precise.CreatedAt = now.Add(456_789 * time.Nanosecond).In(time.FixedZone("", 2*60*60))
	addUser(t, s, precise)
	got, err := s.Users().Get(t.Context(), precise.ID)
	wantOK(t, err)
	wantEqual(t, got.CreatedAt, now)

	zero := newUser("zero@example.com")
	zero.CreatedAt, zero.UpdatedAt = time.Time{}, time.Time{}
	addUser(t, s, zero)
	zero.PasswordHash = "renewed"
	_, err = s.Users().Update(t.Context(), zero.ID, models.UserUpdate{PasswordHash: &zero.PasswordHash})
	wantOK(t, err)
	got, err = s.Users().Get(t.Context(), zero.ID)
	wantOK(t, err)
	wantEqual(t, got, zero)
}

func testUserNotFound(t *testing.T, s suite) {
	unknown := models.NewID(now)
	_, err := s.Users().Get(t.Context(), unknown)
	wantCode(t, err, models.NotFound)
	_, err = s.Users().GetByEmail(t.Context(), "nobody@example.com")
	wantCode(t, err, models.NotFound)
	_, err = s.Users().Update(t.Context(), unknown, models.UserUpdate{UpdatedAt: later})
	wantCode(t, err, models.NotFound)
}

func testUserEmailCase(t *testing.T, s suite) {
	user := addUser(t, s, newUser("Élodie@Example.com"))
	for _, email := range []string{"Élodie@Example.com", "élodie@example.com", "ÉLODIE@EXAMPLE.COM"} {
		got, err := s.Users().GetByEmail(t.Context(), email)
		wantOK(t, err)
		wantEqual(t, got, user)
	}
}

func testUserConflict(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	for _, email := range []string{"ada@example.com", "ADA@Example.com"} {
		wantCode(t, s.Users().Create(t.Context(), newUser(email)), models.Conflict)
	}
	got, err := s.Users().GetByEmail(t.Context(), user.Email)
	wantOK(t, err)
	wantEqual(t, got, user)
}

func testUserRace(t *testing.T, s suite) {
	wantOneSuccess(t, concurrently(50, func(i int) error {
		user := newUser("ada@example.com")
		if i%2 == 1 {
			user.Email = "ADA@example.com"
		}
		return s.Users().Create(t.Context(), user)
	}))
	users, err := s.Users().List(t.Context(), models.UserFilter{Limit: 100})
	wantOK(t, err)
	wantEqual(t, len(users), 1)
}

func testUserUpdate(t *testing.T, s suite) {
	user := addUser(t, s, newUser("ada@example.com"))
	other := addUser(t, s, newUser("other@example.com"))
	for _, up := range []models.UserUpdate{
		{Name: new("Augusta Ada King"), UpdatedAt: later},
		{FirstName: new("Ada"), LastName: new("King"), UpdatedAt: later},
		{LastName: new(""), UpdatedAt: later},
		{Pending: new(true), UpdatedAt: later},
		{Pending: new(false), UpdatedAt: later},
		{PasswordHash: new("another hash"), UpdatedAt: later},
		{Role: new(models.RoleAdmin), UpdatedAt: later.Add(time.Hour)},
		{
			Name: new("Ada King"), PasswordHash: new("a third"), Active: new(true), Role: new(models.RoleUser),
			UpdatedAt: later,
		},
	} {
		user = up.Apply(user)
		got, err := s.Users().Update(t.Context(), user.ID, up)
		wantOK(t, err)
		wantEqual(t, got, user)
		got, err = s.Users().Get(t.Context(), user.ID)
		wantOK(t, err)
		wantEqual(t, got, user)
	}
	got, err := s.Users().Get(t.Context(), other.ID)
	wantOK(t, err)
	wantEqual(t, got, other)
}
