package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"bookplate/models"
)

// setRole sets the role of an account in the store.
func (s *testServer) setRole(id string, role models.Role) {
	s.Helper()
	up := models.UserUpdate{Role: &role, UpdatedAt: s.clock.now()}
	if _, err := s.services.Store.Users().Update(s.Context(), models.ID(id), up); err != nil {
		s.Fatal(err)
	}
}

// storedUser returns an account from the store.
func (s *testServer) storedUser(id string) models.User {
	s.Helper()
	u, err := s.services.Store.Users().Get(s.Context(), models.ID(id))
	if err != nil {
		s.Fatal(err)
	}
	return u
}

// signedInAs creates an account with a role and logs in.
func (s *testServer) signedInAs(email string, role models.Role) user {
	s.Helper()
	u := s.signedIn(email)
	s.setRole(u.ID, role)
	return u
}

const notAdminJSON = `{"message":"Forbidden","data":null,"error":"Only an administrator may do this"}`

func TestSearchUsers(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root := s.signedInAs("root@example.com", models.RoleAdmin)
		for i := range 3 {
			s.signUp(fmt.Sprintf("Reader%d@example.com", i))
		}
		for q, want := range map[string]int{"": 4, "reader": 3, "READER1": 1, "lovelace": 4, "nobody": 0, " root@ ": 1} {
			got := data[[]user](s.get("/users/all?q="+url.QueryEscape(q), root.Token), "successfully retrieved all users")
			if len(got) != want {
				s.Errorf("%q finds %+v, want %d", q, got, want)
			}
		}
		a := s.get("/users/all?q=reader&limit=2", root.Token)
		next := s.get(s.nextPath(a), root.Token)
		if got := data[[]user](next, "successfully retrieved all users"); len(got) != 1 || got[0].Email != "Reader2@example.com" {
			s.Errorf("the next page is %+v", got)
		}
		for _, q := range []string{strings.Repeat("a", 201), "a\x00b", "\xff"} {
			s.get("/users/all?q="+url.QueryEscape(q), root.Token).want(http.StatusBadRequest,
				`{"message":"Invalid data","data":null,"error":{"q":"must be text of at most 200 characters"}}`)
		}
	})
}

func TestGetUser(t *testing.T) {
	const notFound = `{"message":"User not found","data":null,"error":"Not Found"}`
	eachEngine(t, func(s *testServer) {
		root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signUp("ada@example.com")
		got := data[user](s.get("/users/"+ada.ID+"/", root.Token), "successfully retrieved an account")
		if got != ada {
			s.Errorf("got %+v, want %+v", got, ada)
		}
		s.get("/users/0123456789abcdef01234567", root.Token).want(http.StatusNotFound, notFound)
		s.json("PUT", "/users/0123456789abcdef01234567", root.Token, `{"active":false}`).want(http.StatusNotFound, notFound)
	})
}

// A new role applies from the next request on, even with a token that is older than the role.
func TestRoles(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
		path := "/users/" + ada.ID
		for _, role := range []models.Role{models.RoleLibrarian, models.RoleAdmin, models.RoleUser} {
			a := s.json("PUT", path, root.Token, fmt.Sprintf(`{"role":%q}`, role)).wantStatus(http.StatusOK)
			if u := data[user](a, "successfully updated account"); u.Role != string(role) || !u.Active || u.ID != ada.ID {
				s.Errorf("got %+v, want the role %s", u, role)
			}
			want := http.StatusForbidden
			if role == models.RoleAdmin {
				want = http.StatusOK
			}
			for _, path := range []string{"/users/all", path, "/audit"} {
				s.get(path, ada.Token).wantStatus(want)
			}
		}
		s.get("/audit", ada.Token).want(http.StatusForbidden, notAdminJSON)
	})
}

// Disabling an account ends its sessions. Enabling it does not restore them.
func TestDisableAndEnableUsers(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
		path := "/users/" + ada.ID
		a := s.json("PUT", path, root.Token, `{"active":false}`).wantStatus(http.StatusOK)
		if u := data[user](a, "successfully updated account"); u.Active || u.Role != "user" {
			s.Errorf("got %+v", u)
		}
		s.get("/users/", ada.Token).wantStatus(http.StatusForbidden)
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123"}`).wantStatus(http.StatusNotFound)
		s.do(call{method: "PUT", path: path, token: root.Token, contentType: "application/x-www-form-urlencoded", body: "active=true"}).wantStatus(http.StatusOK)
		s.get("/users/", ada.Token).wantStatus(http.StatusUnauthorized)
		again := s.login("ada@example.com")
		s.json("PUT", path, root.Token, `{"active":true}`).wantStatus(http.StatusOK)
		s.get("/users/", again.Token).wantStatus(http.StatusOK) // the account was active already
	})
}

// This test runs on SQLite only, because the MongoDB-compatible test server reports a duplicate key in an update as an
// internal error.
func TestEnableUserWithTakenAddress(t *testing.T) {
	s := newServer(t, nil)
	root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signUp("ada@example.com")
	s.json("PUT", "/users/"+ada.ID, root.Token, `{"active":false}`).wantStatus(http.StatusOK)
	s.signUp("ADA@example.com")
	s.json("PUT", "/users/"+ada.ID, root.Token, `{"active":true}`).
		want(http.StatusConflict, `{"message":"User already exists","data":null,"error":"Conflict"}`)
}

func TestChangeUserRefusals(t *testing.T) {
	const nothing = `{"message":"failed to update an account","data":null,"error":"give a role or active"}`
	const invalid = `{"message":"Invalid data","data":null,"error":%s}`
	eachEngine(t, func(s *testServer) {
		root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
		for body, want := range map[string]string{
			``:                            nothing,
			`{}`:                          nothing,
			`{"name":"Eve Mallory"}`:      nothing,
			`{"role":"owner"}`:            fmt.Sprintf(invalid, `{"role":"must be user, librarian or admin"}`),
			`{"role":""}`:                 fmt.Sprintf(invalid, `{"role":"must be user, librarian or admin"}`),
			`{"role":7}`:                  fmt.Sprintf(invalid, `{"role":"must be text"}`),
			`{"active":"no"}`:             fmt.Sprintf(invalid, `{"active":"must be true or false"}`),
			`{"active":0,"role":"admin"}`: fmt.Sprintf(invalid, `{"active":"must be true or false"}`),
		} {
			s.json("PUT", "/users/"+ada.ID, root.Token, body).want(http.StatusBadRequest, want)
		}
		const own = `{"message":"Forbidden","data":null,"error":"You cannot change your own role, or disable yourself, here"}`
		s.json("PUT", "/users/"+root.ID, root.Token, `{"role":"user"}`).want(http.StatusForbidden, own)
		s.json("PUT", "/users/"+root.ID, root.Token, `{"active":false}`).want(http.StatusForbidden, own)
		for _, u := range []user{ada, root} {
			got := s.storedUser(u.ID)
			if got.Name != "Ada Lovelace" || !got.Active || (got.Role == models.RoleAdmin) != (u == root) {
				s.Errorf("rejected requests changed %s to %+v", u.Email, got)
			}
		}
	})
}

// If two administrators revoke each other's role at the same time, one of the two stays an administrator.
func TestConcurrentRevocationsKeepAnAdministrator(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		admins := []user{s.signedInAs("root@example.com", models.RoleAdmin), s.signedInAs("toor@example.com", models.RoleAdmin)}
		for i := range 10 {
			change := []string{`{"role":"user"}`, `{"role":"librarian"}`}[i%2]
			var both sync.WaitGroup
			for i := range admins {
				both.Go(func() { s.json("PUT", "/users/"+admins[1-i].ID, admins[i].Token, change) })
			}
			both.Wait()
			left := 0
			for _, u := range admins {
				if admin := s.storedUser(u.ID); admin.Active && admin.Role == models.RoleAdmin {
					left++
				}
				s.setRole(u.ID, models.RoleAdmin)
			}
			if left == 0 {
				s.Fatal("no administrator is left")
			}
		}
	})
}

// A librarian may edit every book but may not delete other users' books. An edit does not change the owner.
func TestLibrariansEditBooks(t *testing.T) {
	const notFound = `{"message":"Book not found for user","data":null,"error":"Not found"}`
	eachEngine(t, func(s *testServer) {
		ada, lib := s.signedIn("ada@example.com"), s.signedInAs("lib@example.com", models.RoleLibrarian)
		root := s.signedInAs("root@example.com", models.RoleAdmin)
		b := s.addBook(ada.Token, "Notse")
		for _, u := range []user{lib, root} {
			a := s.form("PUT", "/books/"+b.ID, u.Token, field{name: "title", value: "Notes by " + u.Email}, field{name: "user_id", value: u.ID},
				field{name: "cover_image", value: picture(s.TB, 30, 30), file: "c.jpg"})
			got := data[book](a.wantStatus(http.StatusCreated), "successfully updated a book")
			if got.Title != "Notes by "+u.Email || got.UserID != ada.ID {
				s.Errorf("edited to %+v", got)
			}
			s.do(call{method: "DELETE", path: "/books/" + b.ID, token: u.Token}).want(http.StatusNotFound, notFound)
		}
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers for one book", n)
		}
		s.setRole(lib.ID, models.RoleUser)
		s.form("PUT", "/books/"+b.ID, lib.Token, field{name: "title", value: "Mine"}).want(http.StatusNotFound, notFound)
	})
}

// entry is an entry of the audit log as administrators see it.
type entry struct {
	ActorID  string `json:"actor_id"`
	Action   string `json:"action"`
	TargetID string `json:"target_id"`
	Detail   string `json:"detail"`
	At       string `json:"at"`
	IP       string `json:"ip"`
}

func TestAudit(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root, lib, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedInAs("lib@example.com", models.RoleLibrarian), s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Emma")
		own := s.addBook(lib.Token, "Dune")
		s.get("/users/all?q=ada", root.Token)
		s.get("/users/"+ada.ID, root.Token)
		s.json("PUT", "/users/"+ada.ID, root.Token, `{"role":"librarian","active":true}`)
		s.form("PUT", "/books/"+b.ID, lib.Token, field{name: "title", value: "Emma II"}, field{name: "category", value: "poetry"})
		// These requests are not in the audit log: two are rejected, and one edits the caller's own book.
		s.json("PUT", "/users/"+ada.ID, root.Token, `{"role":"owner"}`)
		s.form("PUT", "/books/"+own.ID, lib.Token, field{name: "title", value: "Dune II"})
		s.get("/users/all", lib.Token)
		want := []entry{
			{lib.ID, "book.change", b.ID, "title,category", "", "127.0.0.1"},
			{root.ID, "user.change", ada.ID, "role=librarian active=true", "", "127.0.0.1"},
			{root.ID, "user.read", ada.ID, "", "", "127.0.0.1"},
			{root.ID, "users.list", "", "q=ada", "", "127.0.0.1"},
		}
		var got []entry
		for path := "/audit?limit=3"; path != ""; {
			a := s.get(path, root.Token)
			got = append(got, data[[]entry](a, "successfully retrieved the audit log")...)
			path = s.nextPath(a)
		}
		for i := range got {
			if got[i].At == "" {
				s.Errorf("no time: %+v", got[i])
			}
			got[i].At = ""
		}
		if !slices.Equal(got, want) {
			s.Errorf("the log is\n%+v, want\n%+v", got, want)
		}
		if whole := data[[]entry](s.get("/audit/", root.Token), "successfully retrieved the audit log"); len(whole) != len(want) {
			s.Errorf("the whole log is %+v", whole)
		}
	})
}

// brokenAudit is an audit log whose Append fails.
type brokenAudit struct{ models.Audit }

func (brokenAudit) Append(context.Context, models.AuditEntry) error {
	return &models.Error{Code: models.Unavailable, Err: errors.New("the log is full")}
}

// brokenAuditStore is a store whose audit log fails.
type brokenAuditStore struct{ models.Store }

func (s brokenAuditStore) Audit() models.Audit { return brokenAudit{s.Store.Audit()} }

// If the entry in the audit log cannot be written, the action is not carried out.
func TestNoActionWithoutAuditEntry(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Emma")
		s.services.Store = brokenAuditStore{s.services.Store}
		s.start()
		for _, a := range []answer{
			s.get("/users/all", root.Token),
			s.get("/users/"+ada.ID, root.Token),
			s.json("PUT", "/users/"+ada.ID, root.Token, `{"role":"admin","active":false}`),
			s.form("PUT", "/books/"+b.ID, root.Token, bookForm(s.TB, "Emma II")...),
		} {
			a.wantStatus(http.StatusServiceUnavailable)
			if strings.Contains(string(a.body), "ada@example.com") {
				s.Errorf("the answer has the account: %s", a.body)
			}
		}
		if me := data[user](s.get("/users/", ada.Token), "successfully retrieved user profile"); me.Role != "user" || !me.Active {
			s.Errorf("the account was changed to %+v", me)
		}
		if got := data[book](s.get("/books/"+b.ID, ada.Token), "successfully retrieved a book"); got.Title != "Emma" {
			s.Errorf("the book was changed to %+v", got)
		}
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers for one book", n)
		}
		s.form("PUT", "/books/"+b.ID, ada.Token, field{name: "title", value: "Emma II"}).wantStatus(http.StatusCreated) // an owner's edit is not logged
	})
}
