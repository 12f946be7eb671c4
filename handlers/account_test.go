package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/covers"
	"bookplate/models"
)

// otherPassword is the new password in tests that change the password.
const otherPassword = "Xyz@789"

func (s *testServer) profile(token string) user {
	s.Helper()
	return data[user](s.get("/users/", token).wantStatus(http.StatusOK), "successfully retrieved user profile")
}

// wantLogin checks the status of a log-in.
func (s *testServer) wantLogin(email, password string, status int) {
	s.Helper()
	s.json("POST", "/users/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)).wantStatus(status)
}

func TestUpdateProfile(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		for _, c := range []struct{ body, name, first, last, username string }{
			{`{"first_name":" Ada ","last_name":"King"}`, "Ada Lovelace", "Ada", "King", ""},
			{`{"name":"Ada King"}`, "Ada King", "Ada", "King", ""},
			{`{"last_name":"","first_name":null}`, "Ada King", "Ada", "", ""},
			{`{"username":" Countess ","name":null}`, "Ada King", "Ada", "", "Countess"},
			{`{"username":"countess"}`, "Ada King", "Ada", "", "countess"},
			{`{"username":"ADA@example.com"}`, "Ada King", "Ada", "", "ADA@example.com"},
			{`{"username":"ada","last_name":"King"}`, "Ada King", "Ada", "King", "ada"},
		} {
			a := s.json("PATCH", "/users/", ada.Token, c.body).wantStatus(http.StatusOK)
			u := data[user](a, "successfully updated account")
			names := u.Name == c.name && u.FirstName == c.first && u.LastName == c.last && u.Username == c.username
			if !names || u != s.profile(ada.Token) {
				s.Errorf("%s: %+v", c.body, u)
			}
		}
		s.tutorialToken("ada", password)
		s.json("POST", "/login", "", `{"username":"countess","password":"Abc@123"}`).wantStatus(http.StatusUnauthorized)
		if got := s.profile(eve.Token); got.Name != "Ada Lovelace" || got.FirstName != "" {
			s.Errorf("another account became %+v", got)
		}
	})
}

// User names are unique without regard to case.
func TestUpdateToTakenUsername(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.register("grace", "grace@example.com")
		eve := s.signedIn("eve@example.com")
		before := s.profile(eve.Token)
		a := s.json("PATCH", "/users/", eve.Token, `{"username":"GRACE","first_name":"Grace"}`)
		if after := s.profile(eve.Token); after != before {
			s.Errorf("profile %+v, want %+v", after, before)
		}
		a.want(http.StatusConflict, `{"message":"This user name belongs to another account","data":null,"error":"Conflict"}`)
	})
}

// Requests that change a profile ignore fields that a client may not set.
func TestUpdateProfileIgnoresOtherFields(t *testing.T) {
	const forbidden = `"role":"admin","_id":"000000000000000000000000","active":false,"password":"Xyz@789",` +
		`"email":"eve@example.com","pending":true,"password_hash":"x","created_at":"2020-01-01T00:00:00.000Z"`
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		before := s.profile(ada.Token)
		s.json("PATCH", "/users/", ada.Token, `{"first_name":"Ada",`+forbidden+`}`).wantStatus(http.StatusOK)
		s.json("PATCH", "/users/", ada.Token, `{`+forbidden+`}`).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":"give a name, username, first_name or last_name"}`)
		s.json("PUT", "/users/password", ada.Token, `{"old_password":"Abc@123","new_password":"Abc@123",`+forbidden+`}`).
			wantStatus(http.StatusOK)
		before.FirstName = "Ada"
		if after := s.profile(ada.Token); after != before {
			s.Errorf("profile %+v, want %+v", after, before)
		}
		s.wantLogin("ada@example.com", password, http.StatusOK)
	})
}

func TestUpdateProfileRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		before := s.profile(ada.Token)
		long := strings.Repeat("é", 101)
		for body, wrong := range map[string]string{
			``:                                    `"give a name, username, first_name or last_name"`,
			`[]`:                                  `"give a name, username, first_name or last_name"`,
			`{"name":"Ada","first_name":"Ada"}`:   `{"name":"must have 2 to 30 words"}`,
			`{"name":"","last_name":"King"}`:      `{"name":"must have 2 to 30 words"}`,
			`{"first_name":7,"last_name":"King"}`: `{"first_name":"must be text"}`,
			`{"first_name":"` + long + `"}`:       `{"first_name":"must have at most 100 characters"}`,
			`{"last_name":"` + long + `"}`:        `{"last_name":"must have at most 100 characters"}`,
			`{"username":""}`:                     `{"username":"must have 1 to 80 characters"}`,
			`{"username":"` + long + `"}`:         `{"username":"must have 1 to 80 characters"}`,
			`{"username":["ada"]}`:                `{"username":"must be text"}`,
			`{"username":"eve@example.com"}`:      `{"username":"must not have an @, unless it is your own e-mail address"}`,
		} {
			s.json("PATCH", "/users/", ada.Token, body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+wrong+`}`)
		}
		if after := s.profile(ada.Token); after != before {
			s.Errorf("rejected changes left %+v, want %+v", after, before)
		}
	})
}

// Changing the password ends every other session and cancels unused links, and the owner gets a mail.
func TestChangePassword(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		here, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		there := s.login("ada@example.com")
		s.json("PUT", "/users/email", there.Token, `{"email":"thief@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusAccepted)
		s.nextMessage("ada@example.com", emailRequestedSubject)
		thiefLink := s.linkToken("thief@example.com", newEmailSubject)

		s.json("PUT", "/users/password", here.Token, `{"old_password":"Abc@123","new_password":"Xyz@789"}`).
			want(http.StatusOK, `{"message":"successfully changed password","data":null}`)
		s.get("/users/", here.Token).wantStatus(http.StatusOK)
		s.wantSessionEnded(there.tokens)
		s.refresh(here.RefreshToken)
		s.get("/users/", eve.Token).wantStatus(http.StatusOK)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.get("/users/email/"+thiefLink, "").wantStatus(http.StatusNotFound)
		s.nextMessage("ada@example.com", passwordChangedSubject)
		s.wantNoMessage()
	})
}

// Old sessions and links are invalid after a password change, even if the server fails before it deletes the sessions
// and links.
func TestFailureDuringPasswordChange(t *testing.T) {
	for name, change := range map[string]func(s *testServer, owner user, link string) answer{
		"a reset": func(s *testServer, _ user, link string) answer { return s.reset(link, otherPassword) },
		"a change": func(s *testServer, owner user, _ string) answer {
			return s.json("PUT", "/users/password", owner.Token, `{"old_password":"Abc@123","new_password":"Xyz@789"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachEngine(t, func(s *testServer) {
				faulty := &faultyStore{Store: s.services.Store}
				s.services.Store = faulty
				s.start()
				owner := s.signedIn("ada@example.com")
				thief := s.login("ada@example.com")
				thiefLink := s.requestEmail(thief.Token, "ada@example.com", "thief@example.com")
				link := s.requestReset("ada@example.com")
				faulty.failAfterUpdate = true
				change(s, owner, link).wantStatus(http.StatusServiceUnavailable)
				faulty.failAfterUpdate, faulty.failSessionDelete = false, false
				s.wantSessionEnded(thief.tokens)
				s.get("/users/email/"+thiefLink, "").want(http.StatusNotFound, deadLinkJSON)
				s.wantLogin("ada@example.com", password, http.StatusNotFound)
				s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
			})
		})
	}
}

func TestChangePasswordRefusals(t *testing.T) {
	const policy = "must have 7 to 200 characters"
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		other := s.login("ada@example.com")
		for body, wrong := range map[string]string{
			``:                           `{"old_password":"is required","new_password":"` + policy + `"}`,
			`{"new_password":"Xyz@789"}`: `{"old_password":"is required"}`,
			`{"old_password":"Abc@123"}`: `{"new_password":"` + policy + `"}`,
			`{"old_password":"Abc@1234","new_password":"Xyz@789"}`:  `{"old_password":"is not your password"}`,
			`{"old_password":" Abc@123","new_password":"Xyz@789"}`:  `{"old_password":"is not your password"}`,
			`{"old_password":["Abc@123"],"new_password":"Xyz@789"}`: `{"old_password":"must be text"}`,
			`{"old_password":"Abc@123","new_password":"short"}`:     `{"new_password":"` + policy + `"}`,
			`{"password":"Abc@123","old_password":"","new_password":null}`: `{"old_password":"is required",` +
				`"new_password":"` + policy + `"}`,
		} {
			s.json("PUT", "/users/password", ada.Token, body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+wrong+`}`)
		}
		s.get("/users/", other.Token).wantStatus(http.StatusOK)
		s.wantLogin("ada@example.com", password, http.StatusOK)
		s.wantNoMessage()
	})
}

// A thief of an access token cannot guess the password without limit.
func TestGuessingThePasswordIsThrottled(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	calls := []call{
		{method: "PUT", path: "/users/password", body: `{"old_password":"no","new_password":"Xyz@789"}`},
		{method: "PUT", path: "/users/email", body: `{"email":"eve@example.com","password":"no"}`},
		{method: "DELETE", path: "/users/?erase=true", body: `{"password":"no"}`},
	}
	for i := range 10 {
		c := calls[i%len(calls)]
		s.json(c.method, c.path, ada.Token, c.body).wantStatus(http.StatusBadRequest)
	}
	for _, c := range calls {
		s.json(c.method, c.path, ada.Token, c.body).wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "60")
	}
	again := s.login("ada@example.com") // the owner can still log in
	s.json("PUT", "/users/password", again.Token, calls[0].body).wantStatus(http.StatusBadRequest)
	s.json("PUT", "/users/password", again.Token, `{"old_password":"Abc@123","new_password":"Xyz@789"}`).
		wantStatus(http.StatusOK)
}

// Every password guess of a session is counted, even if many are made concurrently.
func TestGuessesOfASessionAtOnce(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		statuses := countStatuses(15, func(int) answer {
			return s.json("PUT", "/users/password", ada.Token, `{"old_password":"no","new_password":"Xyz@789"}`)
		})
		if statuses[http.StatusBadRequest] != 10 || statuses[http.StatusTooManyRequests] != 5 {
			s.Errorf("statuses %v, want 400 ten times and 429 for the rest", statuses)
		}
		s.clock.move(time.Minute)
		s.json("PUT", "/users/password", ada.Token, `{"old_password":"Abc@123","new_password":"Xyz@789"}`).
			wantStatus(http.StatusOK)
		for range 10 { // the right password has reset the count
			s.json("PUT", "/users/password", ada.Token, `{"old_password":"no","new_password":"Xyz@789"}`).
				wantStatus(http.StatusBadRequest)
		}
	})
}

// Erasing an account deletes all of its data, and nothing of other users.
func TestErase(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		other := s.login("ada@example.com")
		for i := range 3 {
			s.addBook(ada.Token, fmt.Sprintf("Volume %d", i))
		}
		s.storeBook(ada.ID, "A book without a cover", "science")
		kept := s.addBook(eve.Token, "Notes")
		s.shelve(ada.Token, "secrets", kept.ID)
		s.shelve(eve.Token, "wishlist", kept.ID)
		s.shelve(eve.Token, "wishlist", s.addBook(ada.Token, "The Last Volume").ID)
		s.json("POST", "/users/password/forgot", "", `{"email":"ada@example.com"}`).wantStatus(http.StatusAccepted)
		reset := s.linkToken("ada@example.com", resetSubject)

		a := s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
		if len(a.body) != 0 {
			s.Errorf("204 with a body: %s", a.body)
		}
		s.wantSessionEnded(ada.tokens, other.tokens)
		f := models.SessionFilter{UserID: models.ID(ada.ID), At: s.clock.now(), Limit: 9}
		if left, err := s.services.Store.Sessions().List(s.Context(), f); err != nil || len(left) > 0 {
			s.Errorf("sessions left: %+v, error %v", left, err)
		}
		if _, err := s.services.Store.Users().Get(s.Context(), models.ID(ada.ID)); models.CodeOf(err) != models.NotFound {
			s.Errorf("get the erased account: error %v, want NotFound", err)
		}
		books := data[[]book](s.get("/books/?scope=all", eve.Token), "successfully retrieved all books")
		if len(books) != 1 || books[0] != kept {
			s.Errorf("books left: %+v", books)
		}
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers are left, want 1", n)
		}
		if shelves, err := s.services.Store.Shelves().List(s.Context(), models.ID(ada.ID)); err != nil || len(shelves) > 0 {
			s.Errorf("shelves left: %+v, error %v", shelves, err)
		}
		s.wantShelves(eve.Token, "wishlist:1 cart:0")
		s.json("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":"Xyz@789"}`, reset)).
			wantStatus(http.StatusNotFound)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		again := s.signedIn("ada@example.com")
		if books := data[[]book](s.get("/books/", again.Token), "successfully retrieved all books"); len(books) != 0 {
			s.Error("a new account with the same address has books")
		}
	})
}

func TestEraseRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.addBook(ada.Token, "Notes")
		for _, c := range []struct{ query, body, wrong string }{
			{"?erase=true", ``, `{"password":"is required"}`},
			{"?erase=1", `{"password":"Abc@1234"}`, `{"password":"is not your password"}`},
			{"?erase=true", `{"password":true}`, `{"password":"must be text"}`},
			{"?erase=yes", `{"password":"Abc@123"}`, `{"erase":"must be true or false"}`},
			{"?erase=", `{"password":"Abc@123"}`, `{"erase":"must be true or false"}`},
		} {
			s.json("DELETE", "/users/"+c.query, ada.Token, c.body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+c.wrong+`}`)
		}
		s.json("DELETE", "/users/?erase=true", "", `{"password":"Abc@123"}`).wantStatus(http.StatusUnauthorized)
		books := data[[]book](s.get("/books/", ada.Token), "successfully retrieved all books")
		if len(books) != 1 || s.coverCount() != 1 {
			s.Errorf("a rejected erasure left %d books and %d covers", len(books), s.coverCount())
		}
	})
}

func TestEraseManyBooks(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		for i := range covers.OrphanAllowance { // more than package library deletes in one batch
			s.storeBook(ada.ID, fmt.Sprintf("Volume %d", i), "science")
		}
		s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
		if books := data[[]book](s.get("/books/?scope=all", eve.Token), "successfully retrieved all books"); len(books) != 0 {
			s.Errorf("%d books are left", len(books))
		}
	})
}

// If an account is erased during its request to add a book, neither the book nor its cover is kept.
func TestEraseWhileABookIsAdded(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		late := s.withHook(func() {
			s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
		}, nil)
		late.form("POST", "/books/", ada.Token, bookForm(s.TB, "Notes")...).
			wantInvalidToken("The token is malformed, forged or revoked")
		if books := data[[]book](s.get("/books/?scope=all", eve.Token), "successfully retrieved all books"); len(books) != 0 {
			s.Errorf("books left: %+v", books)
		}
		if n := s.coverCount(); n != 0 {
			s.Errorf("%d covers are left", n)
		}
	})
}

// If an account is erased during its request to put a book on a shelf, the book does not stay on the shelf.
func TestEraseWhileABookIsShelved(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		path := "/shelves/wishlist/books/" + s.addBook(eve.Token, "Notes").ID
		late := s.withHook(func() {
			s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
		}, nil)
		late.do(call{method: "PUT", path: path, token: ada.Token}).
			wantInvalidToken("The token is malformed, forged or revoked")
		if left, err := s.services.Store.Shelves().List(s.Context(), models.ID(ada.ID)); err != nil || len(left) > 0 {
			s.Errorf("shelves left: %+v, error %v", left, err)
		}
	})
}

// faultyStore returns errFault from the calls that a test selects.
type faultyStore struct {
	models.Store
	failUserDelete     bool // Users.Delete fails
	failSessionDelete  bool // Sessions.DeleteAll fails
	failThrottleChange bool // Throttles.Change fails
	failAfterUpdate    bool // Users.Update succeeds and sets failSessionDelete
}

func (s *faultyStore) Users() models.Users         { return faultyUsers{s.Store.Users(), s} }
func (s *faultyStore) Sessions() models.Sessions   { return faultySessions{s.Store.Sessions(), s} }
func (s *faultyStore) Throttles() models.Throttles { return faultyThrottles{s.Store.Throttles(), s} }

var errFault = &models.Error{Code: models.Unavailable}

type faultyUsers struct {
	models.Users
	store *faultyStore
}

func (u faultyUsers) Delete(ctx context.Context, id models.ID) error {
	if u.store.failUserDelete {
		return errFault
	}
	return u.Users.Delete(ctx, id)
}

func (u faultyUsers) Update(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	user, err := u.Users.Update(ctx, id, up)
	u.store.failSessionDelete = u.store.failSessionDelete || u.store.failAfterUpdate
	return user, err
}

type faultySessions struct {
	models.Sessions
	store *faultyStore
}

func (s faultySessions) DeleteAll(ctx context.Context, userID, except models.ID) error {
	if s.store.failSessionDelete {
		return errFault
	}
	return s.Sessions.DeleteAll(ctx, userID, except)
}

type faultyThrottles struct {
	models.Throttles
	store *faultyStore
}

func (f faultyThrottles) Change(ctx context.Context, key string, change func(models.Tally) models.Tally) error {
	if f.store.failThrottleChange {
		return errFault
	}
	return f.Throttles.Change(ctx, key, change)
}

// If erasing an account fails, the client can repeat the request.
func TestEraseAgain(t *testing.T) {
	s := newServer(t, nil)
	faulty := &faultyStore{Store: s.services.Store, failUserDelete: true}
	s.services.Store = faulty
	s.start()
	ada := s.signedIn("ada@example.com")
	s.addBook(ada.Token, "Notes")
	s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusServiceUnavailable)
	s.profile(ada.Token)
	faulty.failUserDelete = false
	s.json("DELETE", "/users/?erase=true", ada.Token, `{"password":"Abc@123"}`).wantStatus(http.StatusNoContent)
	s.get("/users/", ada.Token).wantStatus(http.StatusUnauthorized)
	if n := s.coverCount(); n != 0 {
		t.Errorf("%d covers are left", n)
	}
}
