package storagetest

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// now is the time at which the test data is created.
var now = time.Date(2024, time.May, 6, 7, 8, 9, 123_000_000, time.UTC)

// later is the time of updates.
var later = now.Add(90 * time.Minute)

// hardTexts are texts that an engine might truncate, normalise or reject. They must be stored unchanged.
var hardTexts = []string{
	"", " spaces stay ", "naïve café", "nai\u0308ve", "日本語", "😀👩‍👩‍👧", "a\x00b", "\x00",
	"'; DROP TABLE books; --", "$set", "a.b", "\u2028\uFFFF",
}

func newUser(email string) models.User {
	return models.User{
		ID: models.NewID(now), Name: "Ada Lovelace", Email: email, PasswordHash: "hash of " + email,
		Active: true, Role: models.RoleUser, CreatedAt: now, UpdatedAt: now,
	}
}

func newBook(owner models.ID, title string) models.Book {
	return models.Book{
		ID: models.NewID(now), UserID: owner, BookTexts: models.BookTexts{Title: title, Description: "About " + title, Category: "poetry"},
		Cover: models.Cover{Name: "0", Sizes: []int{150, 600}}, CreatedAt: now, UpdatedAt: now,
	}
}

func newSession(user models.ID) models.Session {
	return models.Session{
		ID: models.NewID(now), UserID: user, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		RefreshHash: "first", RotatedAt: now, LastUsedAt: now, IP: "2001:db8::1",
		Network: "2001:db8::/64", UserAgent: "curl/8.5.0",
	}
}

func addUser(t *testing.T, s suite, u models.User) models.User {
	t.Helper()
	wantOK(t, s.Users().Create(t.Context(), u))
	return u
}

// addOwner adds an account and returns its id.
func addOwner(t *testing.T, s suite) models.ID {
	t.Helper()
	owner := newUser("")
	owner.Email = string(owner.ID) + "@example.com" // unique
	return addUser(t, s, owner).ID
}

func addBook(t *testing.T, s suite, b models.Book) models.Book {
	t.Helper()
	wantOK(t, s.Books().Create(t.Context(), b))
	return b
}

func addSession(t *testing.T, s suite, ses models.Session) models.Session {
	t.Helper()
	wantOK(t, s.Sessions().Create(t.Context(), ses))
	return ses
}

func wantOK(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// wantCode checks that err is a *models.Error with the given code.
func wantCode(t *testing.T, err error, want models.Code) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		t.Fatalf("got error %v, want a *models.Error of code %d", err, want)
	}
	if e.Code != want {
		t.Fatalf("got code %d (%v), want %d", e.Code, err, want)
	}
}

func wantEqual[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
}

// wantEqualList compares two lists item by item.
func wantEqualList[T any](t *testing.T, got, want []T) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		wantEqual(t, got[i], want[i])
	}
	wantEqual(t, len(got), len(want))
}

// concurrently runs n calls of do at the same time. It returns their errors, in the order of i.
func concurrently(n int, do func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// wantOneSuccess checks that one call succeeded and all others returned Conflict.
func wantOneSuccess(t *testing.T, errs []error) {
	t.Helper()
	successes := 0
	for _, err := range errs {
		if err == nil {
			successes++
			continue
		}
		wantCode(t, err, models.Conflict)
	}
	wantEqual(t, successes, 1)
}
