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

const lastAdministrator = `{"message":"Forbidden","data":null,"error":"No administrator would be left, so nothing ` +
	`was changed: make another account one first (PUT /users/<id>), or let the operator take the role away ` +
	`(bookplate user revoke <email> admin)"}`

// leave disables or erases the account of a token.
func (s *testServer) leave(token, query string) answer {
	s.Helper()
	return s.json("DELETE", "/users/"+query, token, `{"password":"Abc@123"}`)
}

// The last administrator cannot leave, and loses nothing by trying. Whoever has made another one can.
func TestTheLastAdministratorStays(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		for query, after := range map[string]int{"": http.StatusForbidden, "?erase=true": http.StatusUnauthorized} {
			root, ada := s.staff("root@example.com", models.RoleAdmin), s.signedIn("ada@example.com")
			s.addBook(root.Token, "Notes")
			before := s.stored(root.ID)
			s.leave(root.Token, query).want(http.StatusForbidden, lastAdministrator)
			books := data[[]book](s.get("/books/", root.Token), "successfully retrieved all books")
			if u := s.stored(root.ID); u != before || len(books) != 1 {
				s.Errorf("a refused DELETE %s left %+v with %d books, want %+v", query, u, len(books), before)
			}
			s.json("PUT", "/users/"+ada.ID, root.Token, `{"role":"admin"}`).wantStatus(http.StatusOK)
			s.leave(root.Token, query).wantStatus(http.StatusNoContent)
			s.get("/users/all", root.Token).wantStatus(after)
			log := data[[]entry](s.get("/audit?limit=1", ada.Token), "successfully retrieved the audit log")
			if e := log[0]; e.ActorID != root.ID || e.TargetID != root.ID || e.Detail != "role=user" {
				s.Errorf("the log ends with %+v", e)
			}
			s.role(ada.ID, models.RoleUser)
			s.leave(ada.Token, "").wantStatus(http.StatusNoContent) // for the next round
		}
	})
}

// An administrator who is enabled again has to be given the role anew.
func TestADisabledAdministratorIsNoneAnyMore(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		root, toor := s.staff("root@example.com", models.RoleAdmin), s.staff("toor@example.com", models.RoleAdmin)
		s.leave(toor.Token, "").wantStatus(http.StatusNoContent)
		s.json("PUT", "/users/"+toor.ID, root.Token, `{"active":true}`).wantStatus(http.StatusOK)
		if u := s.stored(toor.ID); u.Role != models.RoleUser || !u.Active {
			s.Errorf("got %+v", u)
		}
	})
}

// An administrator who hangs up while he leaves is not left half-way, without the role and active.
func TestAnAdministratorWhoHangsUp(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.staff("root@example.com", models.RoleAdmin)
		toor := s.staff("toor@example.com", models.RoleAdmin)
		ctx, hangUp := context.WithCancel(s.Context())
		request := httptest.NewRequestWithContext(ctx, http.MethodDelete, "/users/", nil)
		request.Header.Set("Authorization", "Bearer "+toor.Token)
		s.hook(hangUp, nil).handler().ServeHTTP(httptest.NewRecorder(), request)
		if u := s.stored(toor.ID); u.Role != models.RoleUser || u.Active {
			s.Errorf("got %+v", u)
		}
	})
}

// meeting is a store where the first two who ask for other administrators get their answers at the same time.
type meeting struct {
	models.Store
	asked atomic.Int32
	both  sync.WaitGroup
}

func (s *meeting) Users() models.Users { return meetingUsers{s.Store.Users(), s} }

type meetingUsers struct {
	models.Users
	meeting *meeting
}

func (u meetingUsers) OtherAdmins(ctx context.Context, id models.ID) (int64, error) {
	n, err := u.Users.OtherAdmins(ctx, id)
	if u.meeting.asked.Add(1) <= 2 {
		u.meeting.both.Done()
		u.meeting.both.Wait()
	}
	return n, err
}

// Of two who leave at the same time, each of whom has seen the other, one at least stays, and the log has what was
// undone.
func TestTwoAdministratorsLeaveAtOnce(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		admins := []user{s.staff("root@example.com", models.RoleAdmin), s.staff("toor@example.com", models.RoleAdmin)}
		store := &meeting{Store: s.services.Store}
		store.both.Add(2)
		s.services.Store = store
		s.start()
		var stayed atomic.Pointer[user]
		statusesOf(2, func(i int) answer {
			a := s.leave(admins[i].Token, "?erase=true")
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
