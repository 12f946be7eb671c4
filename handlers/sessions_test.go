package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/handlers/web"
	"bookplate/models"
)

// session is a session as clients see it.
type session struct {
	ID         string `json:"_id"`
	CreatedAt  string `json:"created_at"`
	LastUsedAt string `json:"last_used_at"`
	ExpiresAt  string `json:"expires_at"`
	IP         string `json:"ip"`
	UserAgent  string `json:"user_agent"`
	Current    bool   `json:"current"`
}

func (s *testServer) sessions(token, query string) []session {
	s.Helper()
	return data[[]session](s.get("/auth/sessions"+query, token).wantStatus(http.StatusOK), "successfully retrieved all sessions")
}

func (s *testServer) endSession(token, id string) answer {
	s.Helper()
	return s.do(call{method: "DELETE", path: "/auth/sessions/" + id, token: token})
}

func TestSessions(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signedIn("eve@example.com")
		s.signUp("ada@example.com")
		a := s.do(call{
			method: "POST", path: "/users/login", body: `{"email":"ada@example.com","password":"Abc@123"}`,
			header: map[string]string{"User-Agent": "Phone/1.0"},
		})
		phone := data[user](a, "Successfully fetched auth token")
		s.clock.move(time.Hour)
		laptop := s.login("ada@example.com")
		s.clock.move(time.Hour)
		s.refresh(phone.RefreshToken)

		at := s.clock.now()
		all := s.sessions(laptop.Token, "")
		if len(all) != 2 || !all[0].Current || all[1].Current {
			s.Fatalf("the sessions are %+v, want the latest first and only it the current one", all)
		}
		want := session{
			ID: claimsOf(s, phone.Token)["sid"].(string), IP: "127.0.0.1", UserAgent: "Phone/1.0",
			CreatedAt: *web.Timestamp(at.Add(-2 * time.Hour)), LastUsedAt: *web.Timestamp(at),
			ExpiresAt: *web.Timestamp(at.Add(30*24*time.Hour - 2*time.Hour)),
		}
		if all[1] != want {
			s.Errorf("got  %+v\nwant %+v", all[1], want)
		}
	})
}

func TestSessionPages(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for range 4 {
			s.login("ada@example.com")
		}
		all := s.sessions(ada.Token, "")
		var paged []session
		for path := "/auth/sessions?limit=2"; path != ""; {
			a := s.get(path, ada.Token)
			paged = append(paged, data[[]session](a, "successfully retrieved all sessions")...)
			path = s.nextPath(a)
		}
		if len(all) != 5 || len(paged) != 5 || paged[0] != all[0] || paged[4] != all[4] {
			s.Errorf("all sessions: %+v, in pages: %+v", all, paged)
		}
		s.get("/auth/sessions?limit=0", ada.Token).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"limit":"must be a number from 1 to 1000"}}`)
	})
}

func TestEndSession(t *testing.T) {
	const notFound = `{"message":"Session not found","data":null,"error":"Not Found"}`
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		lost := s.login("ada@example.com")
		id := claimsOf(s, lost.Token)["sid"].(string)
		for _, id := range []string{id, "0123456789abcdef01234567", "no-id"} {
			s.endSession(eve.Token, id).want(http.StatusNotFound, notFound)
		}
		s.get("/users/", lost.Token).wantStatus(http.StatusOK)
		a := s.endSession(ada.Token, strings.ToUpper(id)).wantStatus(http.StatusNoContent)
		if len(a.body) != 0 {
			s.Errorf("204 with a body: %s", a.body)
		}
		s.endSession(ada.Token, id).want(http.StatusNotFound, notFound)
		s.wantSessionEnded(lost.tokens)
		mine := claimsOf(s, ada.Token)["sid"].(string)
		s.endSession(ada.Token, mine).wantStatus(http.StatusNoContent)
		s.wantSessionEnded(ada.tokens)
	})
}

func TestLogout(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		other := s.login("ada@example.com")
		s.json("POST", "/auth/logout", ada.Token, "").
			want(http.StatusOK, `{"message":"Successfully logged out","data":null}`)
		s.wantSessionEnded(ada.tokens)
		s.get("/users/", other.Token).wantStatus(http.StatusOK)
		ending := s.withHook(func() { s.endSession(other.Token, claimsOf(s, other.Token)["sid"].(string)) }, nil)
		ending.json("POST", "/auth/logout", other.Token, "").wantStatus(http.StatusOK) // although the session has ended already
	})
}

func TestLogoutAll(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		other := s.login("ada@example.com")
		elsewhere := s.anotherCopy()
		s.json("POST", "/auth/logout-all/", ada.Token, "").
			want(http.StatusOK, `{"message":"Successfully logged out everywhere","data":null}`)
		elsewhere.wantSessionEnded(ada.tokens, other.tokens)
		elsewhere.get("/users/", eve.Token).wantStatus(http.StatusOK)
		s.login("ada@example.com")
	})
}

// The tokens of a disabled account are answered with 403. They, and its mailed links, stay invalid when the account is
// enabled again.
func TestDisabledAccountEnabledAgain(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		other := s.login("ada@example.com")
		link := s.requestEmail(other.Token, "ada@example.com", "thief@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: ada.Token}).wantStatus(http.StatusNoContent)
		for _, pair := range []tokens{ada.tokens, other.tokens} {
			s.get("/users/", pair.Token).wantStatus(http.StatusForbidden)
			s.tryRefresh(pair.RefreshToken).wantStatus(http.StatusForbidden)
		}
		up := models.UserUpdate{Active: new(true), UpdatedAt: s.clock.now()}
		if _, err := s.services.Store.Users().Update(s.Context(), models.ID(ada.ID), up); err != nil {
			s.Fatal(err)
		}
		s.wantSessionEnded(ada.tokens, other.tokens)
		s.get("/users/email/"+link, "").want(http.StatusNotFound, deadLinkJSON)
		s.get("/users/", s.login("ada@example.com").Token).wantStatus(http.StatusOK)
	})
}

// If the password changes during a log-in with the old password, the log-in gets no session.
func TestLoginWhileThePasswordChanges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id, changeTo := models.ID(ada.ID), "Xyz@789"
		changing := s.withHook(func() {
			hash, err := s.services.Hasher.Hash(s.Context(), changeTo)
			if err != nil {
				s.Error(err)
			}
			if _, err := s.services.Store.Users().Update(s.Context(), id, models.UserUpdate{PasswordHash: &hash}); err != nil {
				s.Error(err)
			}
			if err := s.services.Store.Sessions().DeleteAll(s.Context(), id, ""); err != nil {
				s.Error(err)
			}
		}, nil)
		body := `{"email":"ada@example.com","password":"Abc@123"}`
		changing.json("POST", "/users/login", "", body).wantStatus(http.StatusNotFound)
		body = `{"email":"ada@example.com","password":"Xyz@789"}` // this password stays valid, because only its hash changes
		token := data[user](changing.json("POST", "/users/login", "", body), "Successfully fetched auth token").Token
		if all := s.sessions(token, ""); len(all) != 1 {
			s.Errorf("the sessions are %+v, want only that of the new password", all)
		}
	})
}
