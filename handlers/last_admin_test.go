package handlers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bookplate/models"
)

const lastAdminJSON = `{"message":"Forbidden","data":null,"error":"No administrator would be left, so nothing ` +
	`was changed: make another account one first (PUT /users/<id>), or let the operator take the role away ` +
	`(bookplate user revoke <email> admin)"}`

// deleteAccount disables or erases the account that the token belongs to.
func (s *testServer) deleteAccount(token, query string) answer {
	s.Helper()
	return s.json("DELETE", "/users/"+query, token, `{"password":"Abc@123"}`)
}

// The last administrator's account cannot be disabled or erased, and a rejected request changes nothing.
func TestLastAdministratorCannotLeave(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		for query, after := range map[string]int{"": http.StatusForbidden, "?erase=true": http.StatusUnauthorized} {
			root, ada := s.signedInAs("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
			s.addBook(root.Token, "Notes")
			before := s.storedUser(root.ID)
			s.deleteAccount(root.Token, query).want(http.StatusForbidden, lastAdminJSON)
			books := data[[]book](s.get("/books/", root.Token), "successfully retrieved all books")
			if u := s.storedUser(root.ID); u != before || len(books) != 1 {
				s.Errorf("a rejected DELETE %s left %+v with %d books, want %+v", query, u, len(books), before)
			}
			s.json("PUT", "/users/"+ada.ID, root.Token, `{"role":"admin"}`).wantStatus(http.StatusOK)
			s.deleteAccount(root.Token, query).wantStatus(http.StatusNoContent)
			s.get("/users/all", root.Token).wantStatus(after)
			log := data[[]entry](s.get("/audit?limit=1", ada.Token), "successfully retrieved the audit log")
			if e := log[0]; e.ActorID != root.ID || e.TargetID != root.ID || e.Detail != "role=user" {
				s.Errorf("the log ends with %+v", e)
			}
			s.setRole(ada.ID, models.RoleUser)
			s.deleteAccount(ada.Token, "").wantStatus(http.StatusNoContent) // for the next round
		}
	})
}

// Disabling an administrator's account revokes the role.
func TestDisablingRevokesTheAdminRole(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		root, second := s.signedInAs("root@example.com", models.RoleAdmin), s.signedInAs("toor@example.com", models.RoleAdmin)
		s.deleteAccount(second.Token, "").wantStatus(http.StatusNoContent)
		s.json("PUT", "/users/"+second.ID, root.Token, `{"active":true}`).wantStatus(http.StatusOK)
		if u := s.storedUser(second.ID); u.Role != models.RoleUser || !u.Active {
			s.Errorf("got %+v", u)
		}
	})
}

// An administrator disconnects during the request to disable their own account. The request is still completed: the
// account loses the role and is disabled.
func TestAdministratorDisconnects(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		s.signedInAs("root@example.com", models.RoleAdmin)
		second := s.signedInAs("toor@example.com", models.RoleAdmin)
		ctx, hangUp := context.WithCancel(s.Context())
		request := httptest.NewRequestWithContext(ctx, http.MethodDelete, "/users/", nil)
		request.Header.Set("Authorization", "Bearer "+second.Token)
		s.withHook(hangUp, nil).handler().ServeHTTP(httptest.NewRecorder(), request)
		if u := s.storedUser(second.ID); u.Role != models.RoleUser || u.Active {
			s.Errorf("got %+v", u)
		}
	})
}

// meetingStore makes the first two calls of Users.OtherAdmins wait for each other, so that both return at the same
// time.
type meetingStore struct {
	models.Store
	calls atomic.Int32
	both  sync.WaitGroup
}

func (s *meetingStore) Users() models.Users { return meetingUsers{s.Store.Users(), s} }

type meetingUsers struct {
	models.Users
	store *meetingStore
}

func (u meetingUsers) OtherAdmins(ctx context.Context, id models.ID) (int64, error) {
	n, err := u.Users.OtherAdmins(ctx, id)
	if u.store.calls.Add(1) <= 2 {
		u.store.both.Done()
		u.store.both.Wait()
	}
	return n, err
}

// If the only two administrators erase their accounts at the same time, each request finds another administrator. Even
// so, at least one administrator is left, and the audit log shows which change was undone.
func TestTwoAdministratorsLeaveAtOnce(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		admins := []user{s.signedInAs("root@example.com", models.RoleAdmin), s.signedInAs("toor@example.com", models.RoleAdmin)}
		store := &meetingStore{Store: s.services.Store}
		store.both.Add(2)
		s.services.Store = store
		s.start()
		var stayed atomic.Pointer[user]
		countStatuses(2, func(i int) answer {
			a := s.deleteAccount(admins[i].Token, "?erase=true")
			if a.status == http.StatusForbidden {
				stayed.Store(&admins[i])
			}
			return a
		})
		if stayed.Load() == nil {
			s.Fatal("no administrator is left")
		}
		log := s.get("/audit", stayed.Load().Token).wantStatus(http.StatusOK)
		if !strings.Contains(string(log.body), "undone: role=admin active=true") {
			s.Errorf("the log is %s", log.body)
		}
	})
}
