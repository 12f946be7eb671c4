package tests

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bookplate/storage/storagetest"
)

const sharedSecret = "a secret of the tests, long enough for HS256"

// twoCopies starts two servers on one MongoDB database.
func twoCopies(t *testing.T, settings ...string) (one, other *server) {
	t.Helper()
	settings = append(settings, "DATABASE_URL="+storagetest.MongoURL(t), "SECRET_KEY="+sharedSecret)
	one, other = newServer(t, settings...), newServer(t, settings...)
	for _, s := range []*server{one, other} {
		s.launch()
	}
	for _, s := range []*server{one, other} {
		s.eventuallyReady()
	}
	return one, other
}

// eventuallyReady waits until /readyz succeeds.
func (s *server) eventuallyReady() {
	s.Helper()
	s.eventually("the server is ready", func() bool {
		a, err := s.send(get("/readyz", ""))
		return err == nil && a.status == http.StatusOK
	})
}

func TestCopiesShareAccountsBooksAndTokens(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	b := one.addBook(ada.Token, "Emma")
	got := data[book](t, other.do(get("/books/"+b.ID, ada.Token), http.StatusOK))
	if got.Title != b.Title || got.UserID != ada.ID || got.UpdatedAt != b.UpdatedAt {
		t.Errorf("one copy added %+v, the other has %+v", b, got)
	}
	other.do(newBook(ada.Token, "Emma"), http.StatusBadRequest) // the title exists
	other.do(withForm("PUT", "/books/"+b.ID, ada.Token, "", "title", "Persuasion"), http.StatusCreated)
	if got := one.books(ada.Token); len(got) != 1 || got[0].Title != "Persuasion" {
		t.Errorf("the other copy renamed the book, the one lists %+v", got)
	}
}

func TestLogoutOnOneCopyCountsOnTheOther(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	second := data[user](t, other.do(login("ada@example.com"), http.StatusOK))
	other.do(get("/users/", ada.Token), http.StatusOK)
	one.do(request{method: "POST", path: "/auth/logout", token: ada.Token}, http.StatusOK)
	for _, s := range []*server{one, other} {
		a := s.do(get("/users/", ada.Token), http.StatusUnauthorized)
		if !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("headers for a rejected token: %v", a.header)
		}
		s.do(get("/users/", second.Token), http.StatusOK) // the other session continues
	}
}

// refresh returns the request for the next tokens.
func refresh(token string) request {
	return request{method: "POST", path: "/auth/refresh", token: token}
}

func TestRefreshesOnBothCopiesAtOnceAreOne(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	pairs := map[tokens]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		for _, s := range []*server{one, other} {
			all.Go(func() {
				a, err := s.send(refresh(ada.RefreshToken))
				if err != nil || a.status != http.StatusOK {
					t.Errorf("status %d, error %v: %s", a.status, err, a.body)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				pairs[data[tokens](t, a)] = true
			})
		}
	}
	all.Wait()
	if len(pairs) != 1 {
		t.Fatalf("16 concurrent refreshes returned %d different pairs, want 1", len(pairs))
	}
	for pair := range pairs {
		next := data[tokens](t, other.do(refresh(pair.RefreshToken), http.StatusOK))
		one.do(get("/users/", next.Token), http.StatusOK)
		one.do(refresh(ada.RefreshToken), http.StatusUnauthorized) // a replay, which ends the session
		other.do(get("/users/", next.Token), http.StatusUnauthorized)
		other.do(refresh(next.RefreshToken), http.StatusUnauthorized)
	}
}

func TestLogoutEverywhereOnOneCopyCountsOnTheOther(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	second := data[user](t, other.do(login("ada@example.com"), http.StatusOK))
	one.do(request{method: "POST", path: "/auth/logout-all", token: ada.Token}, http.StatusOK)
	for _, u := range []user{ada, second} {
		other.do(get("/users/", u.Token), http.StatusUnauthorized)
		other.do(refresh(u.RefreshToken), http.StatusUnauthorized)
	}
}

// Changing or resetting the password on one copy of the server also ends the sessions on the other copy.
func TestNewPasswordOnOneCopyCountsOnTheOther(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	second := data[user](t, other.do(login("ada@example.com"), http.StatusOK))
	one.do(withJSON("PUT", "/users/password", ada.Token,
		fmt.Sprintf(`{"old_password":%q,"new_password":"Xyz@789"}`, password)), http.StatusOK)
	other.do(get("/users/", second.Token), http.StatusUnauthorized)
	other.do(refresh(second.RefreshToken), http.StatusUnauthorized)
	other.do(login("ada@example.com"), http.StatusNotFound)
	other.do(get("/users/", ada.Token), http.StatusOK) // the session that changed the password continues

	link := one.wantRun("/users/password/reset/", "user", "reset-password", "ada@example.com")
	token := filepath.Base(strings.TrimSpace(link))
	reset := withJSON("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":"Qrs@456"}`, token))
	other.do(reset, http.StatusOK)
	one.do(get("/users/", ada.Token), http.StatusUnauthorized)
	one.do(refresh(ada.RefreshToken), http.StatusUnauthorized)
	one.do(reset, http.StatusNotFound)
	one.do(withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"Qrs@456"}`), http.StatusOK)
}

func TestEqualSignUpsOnBothCopies(t *testing.T) {
	t.Parallel()
	const each = 8
	one, other := twoCopies(t)
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range each {
		for _, s := range []*server{one, other} {
			all.Go(func() {
				a, err := s.send(signUp("ada@example.com"))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
			})
		}
	}
	all.Wait()
	if statuses[http.StatusCreated] != 1 || statuses[http.StatusConflict] != 2*each-1 {
		t.Errorf("answers by status: %v; want one 201, and 409 for the rest", statuses)
	}
	one.do(login("ada@example.com"), http.StatusOK)
}

// Two copies of the server share one count of failed log-ins.
func TestCopiesShareThrottles(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t, "THROTTLE=on", "LOGIN_LIMIT=4/1h")
	wrong := withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@124"}`)
	for _, s := range []*server{one, other, one, other} {
		s.do(wrong, http.StatusNotFound)
	}
	for _, s := range []*server{one, other} {
		if after := s.do(wrong, http.StatusTooManyRequests).header.Get("Retry-After"); after == "" {
			t.Error("no Retry-After")
		}
	}
}

func TestShelvesAreTheSameOnBothCopies(t *testing.T) {
	t.Parallel()
	one, other := twoCopies(t)
	ada := one.signedIn("ada@example.com")
	emma, dune := one.addBook(ada.Token, "Emma"), other.addBook(ada.Token, "Dune")
	put := func(s *server, id string) {
		s.do(request{method: "PUT", path: "/shelves/cart/books/" + id, token: ada.Token}, http.StatusOK)
	}
	put(other, dune.ID)
	put(one, emma.ID)
	put(one, dune.ID) // shelving it again does not move it
	for _, s := range []*server{one, other} {
		got := data[[]book](t, s.do(get("/shelves/cart/books", ada.Token), http.StatusOK))
		if len(got) != 2 || got[0].ID != dune.ID || got[1].ID != emma.ID {
			t.Errorf("the cart has %+v", got)
		}
	}
}
