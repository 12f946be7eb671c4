package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	resetSentJSON = `{"message":"If an account has this address, a message is on its way","data":null}`
	resetDoneJSON = `{"message":"Your password is changed: you can log in with it now","data":null}`
)

// requestReset requests a reset link and returns the link's token.
func (s *testServer) requestReset(email string) string {
	s.Helper()
	s.json("POST", "/users/password/forgot", "", fmt.Sprintf(`{"email":%q}`, email)).want(http.StatusAccepted, resetSentJSON)
	return s.linkToken(email, resetSubject)
}

func (s *testServer) reset(token, password string) answer {
	s.Helper()
	return s.json("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":%q}`, token, password))
}

// Requesting a reset link changes nothing. The link can set a new password once, and doing so ends every session.
func TestReset(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		other := s.login("ada@example.com")
		unused := s.requestReset("ada@example.com")
		token := s.requestReset("ada@example.com")
		s.profile(ada.Token)
		s.wantLogin("ada@example.com", password, http.StatusOK)

		s.reset(token, otherPassword).want(http.StatusOK, resetDoneJSON)
		s.wantSessionEnded(ada.tokens, other.tokens)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.reset(token, "Third@123").want(http.StatusNotFound, deadLinkJSON)
		s.reset(unused, "Third@123").want(http.StatusNotFound, deadLinkJSON)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.profile(eve.Token)
		s.wantLogin("eve@example.com", password, http.StatusOK)
		s.nextMessage("ada@example.com", passwordChangedSubject)
		s.wantNoMessage()
	})
}

// The status, the headers and the body of the answer do not reveal whether an account exists. A disabled account gets
// no reset link.
func TestForgotRevealsNoAccount(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		gone := s.signedIn("gone@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: gone.Token}).wantStatus(http.StatusNoContent)
		var first http.Header
		for _, email := range []string{"ada@example.com", "nobody@example.com", "gone@example.com"} {
			a := s.json("POST", "/users/password/forgot", "", `{"email":"`+email+`"}`)
			a.want(http.StatusAccepted, resetSentJSON)
			a.header.Del("X-Request-Id")
			a.header.Del("Date")
			if first == nil {
				first = a.header
			}
			if fmt.Sprint(a.header) != fmt.Sprint(first) {
				s.Errorf("%s: headers %v, others had %v", email, a.header, first)
			}
		}
		s.linkToken("ada@example.com", resetSubject)
		s.wantNoMessage()
	})
}

func TestForgotRefusals(t *testing.T) {
	s := newServer(t, nil)
	for body, wrong := range map[string]string{
		``:                            "is required",
		`{"email":""}`:                "is required",
		`{"email":7}`:                 "must be text",
		`{"email":"ada"}`:             "must be an e-mail address such as ada@example.com",
		`{"email":["a@b.c","d@e.f"]}`: "must be text",
		`{"email":"ada@example.com\r\nBcc: eve@example.com"}`: "must be an e-mail address such as ada@example.com",
		`{"email":"ada@example.com,eve@example.com"}`:         "must be an e-mail address such as ada@example.com",
	} {
		for _, path := range []string{"/users/password/forgot", "/users/activate"} {
			s.json("POST", path, "", body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"email":"`+wrong+`"}}`)
		}
	}
	s.wantNoMessage()
}

// A forged X-Forwarded-Host header does not change the host of a mailed link.
func TestLinksDoNotFollowTheHostHeader(t *testing.T) {
	eachEngineWith(t, map[string]string{"TRUSTED_PROXIES": "127.0.0.1"}, func(s *testServer) {
		s.signUp("ada@example.com")
		s.do(call{
			method: "POST", path: "/users/password/forgot", contentType: "application/json", body: `{"email":"ada@example.com"}`,
			header: map[string]string{"X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https"},
		}).wantStatus(http.StatusAccepted)
		m := s.nextMessage("ada@example.com", resetSubject)
		if !strings.Contains(m.Text, "\nhttp://localhost:5000/users/password/reset/") {
			s.Errorf("the link has another host: %s", m.Text)
		}
	})
}

func TestResetRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		eve := s.signedIn("eve@example.com")
		token := s.requestReset("ada@example.com")
		for body, wrong := range map[string]string{
			``: `{"token":"is required","password":"must have 7 to 200 characters"}`,
			`{"token":"` + token + `","password":"short"}`:     `{"password":"must have 7 to 200 characters"}`,
			`{"token":"` + token + `","password":["Abc"]}`:     `{"password":"must be text"}`,
			`{"token":{"$ne":""},"password":"Xyz@789"}`:        `{"token":"must be text"}`,
			`{"email":"ada@example.com","password":"Xyz@789"}`: `{"token":"is required"}`,
		} {
			s.json("POST", "/users/password/reset", "", body).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":`+wrong+`}`)
		}
		s.json("PUT", "/users/email", eve.Token, `{"email":"eve2@example.com","password":"Abc@123"}`).
			wantStatus(http.StatusAccepted)
		for name, dead := range map[string]string{
			"truncated": token[:42], "upper-case": strings.ToUpper(token), "an access token": eve.Token,
			"another purpose's": s.linkToken("eve2@example.com", newEmailSubject),
		} {
			if a := s.reset(dead, otherPassword); a.status != http.StatusNotFound || string(a.body) != deadLinkJSON {
				s.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		s.wantLogin("ada@example.com", password, http.StatusOK)
		s.clock.move(time.Hour)
		s.reset(token, otherPassword).want(http.StatusNotFound, deadLinkJSON)
		s.wantLogin("ada@example.com", password, http.StatusOK)
	})
}

// A reset with an invalid token is rejected without hashing the new password, because hashing takes about 30 ms of CPU
// time.
func TestResetHashesForTokensOnly(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	var hashed atomic.Int64
	s.services.Hasher = hookedHasher{s.services.Hasher, func() { hashed.Add(1) }}
	s.start()
	token := s.requestReset("ada@example.com")
	for _, garbage := range []string{"x", token[:42], token + "=", strings.Repeat("A", 100_000)} {
		s.reset(garbage, otherPassword).want(http.StatusNotFound, deadLinkJSON)
	}
	if n := hashed.Load(); n > 0 {
		t.Errorf("%d passwords were hashed", n)
	}
	s.reset(token, otherPassword).want(http.StatusOK, resetDoneJSON)
	if n := hashed.Load(); n != 1 {
		t.Errorf("%d passwords were hashed for one token", n)
	}
}

// A token resets the password of the account that it was sent for, whatever other fields the body has.
func TestResetIgnoresOtherFields(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		before := s.profile(eve.Token)
		token := s.requestReset("eve@example.com")
		s.json("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":"Xyz@789","email":"ada@example.com",
			"_id":%q,"user_id":%q,"role":"admin","active":false,"purpose":"email"}`, token, ada.ID, ada.ID)).
			want(http.StatusOK, resetDoneJSON)
		s.profile(ada.Token)
		s.wantLogin("ada@example.com", password, http.StatusOK)
		s.wantLogin("eve@example.com", otherPassword, http.StatusOK)
		if after := s.profile(s.loginWith("eve@example.com", otherPassword).Token); after != before {
			s.Errorf("profile %+v, want %+v", after, before)
		}
	})
}

// If a reset link is used several times concurrently, only one request succeeds.
func TestResetRace(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		token := s.requestReset("ada@example.com")
		statuses := map[int]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				a := s.reset(token, fmt.Sprintf("Abc@12345%d", i))
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
			})
		}
		wg.Wait()
		if statuses[http.StatusOK] != 1 || statuses[http.StatusNotFound] != 9 {
			s.Errorf("statuses %v, want 200 once and 404 for the rest", statuses)
		}
	})
}

// A password reset proves that the user owns the address, so it also activates the account. Somebody else who signed up
// with the address can no longer log in, because the password is new.
func TestResetActivates(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("ada@example.com") // by somebody else
		unused := s.linkToken("ada@example.com", activationSubject)
		s.reset(s.requestReset("ada@example.com"), otherPassword).want(http.StatusOK, resetDoneJSON)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
		s.wantLogin("ada@example.com", password, http.StatusNotFound)
		s.get("/users/activate/"+unused, "").wantStatus(http.StatusNotFound)
	})
}

// A reset link still works if the server failed during its first use.
func TestResetAgain(t *testing.T) {
	s := newServer(t, nil)
	faulty := &faultyStore{Store: s.services.Store, failSessionDelete: true}
	s.services.Store = faulty
	s.start()
	ada := s.signedIn("ada@example.com")
	token := s.requestReset("ada@example.com")
	s.reset(token, otherPassword).wantStatus(http.StatusServiceUnavailable)
	faulty.failSessionDelete = false
	s.reset(token, otherPassword).want(http.StatusOK, resetDoneJSON)
	s.get("/users/", ada.Token).wantStatus(http.StatusUnauthorized)
}

// If the server cannot clear the count of failed log-ins, a password reset succeeds all the same. The link is used up,
// and the owner gets a mail.
func TestResetWithoutThrottles(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		faulty := &faultyStore{Store: s.services.Store}
		s.services.Store = faulty
		s.start()
		s.signUp("ada@example.com")
		token := s.requestReset("ada@example.com")
		s.withHook(func() { faulty.failThrottleChange = true }, nil).reset(token, otherPassword).want(http.StatusOK, resetDoneJSON)
		faulty.failThrottleChange = false
		s.nextMessage("ada@example.com", passwordChangedSubject)
		s.wantLogged("cannot reset the count of failed log-ins")
		s.reset(token, password).want(http.StatusNotFound, deadLinkJSON)
		s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
	})
}

// The reset link opens a form that works without JavaScript.
func TestResetForm(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	token := s.requestReset("ada@example.com")
	browser := map[string]string{"Accept": "text/html,*/*;q=0.8"}
	form := s.do(call{method: "GET", path: "/users/password/reset/" + token, header: browser}).wantStatus(http.StatusOK)
	form.wantHeader("Cache-Control", "no-store")
	form.wantHeader("Referrer-Policy", "no-referrer")
	submit := func(password string) answer {
		return s.do(call{
			method: "POST", path: "/users/password/reset", header: browser, contentType: "application/x-www-form-urlencoded",
			body: url.Values{"token": {token}, "password": {password}}.Encode(),
		})
	}
	for _, c := range []struct {
		answer answer
		status int
		form   bool
		text   string
	}{
		{form, http.StatusOK, true, "Choose a new password"},
		{submit("short"), http.StatusBadRequest, true, "The password must have 7 to 200 characters"},
		{submit(otherPassword), http.StatusOK, false, "Your password is changed"},
		{submit(otherPassword), http.StatusNotFound, false, "was used already"},
	} {
		c.answer.wantStatus(c.status).wantHeader("Content-Type", "text/html; charset=utf-8")
		page := string(c.answer.body)
		formed := strings.Contains(page, "<form") == c.form && strings.Contains(page, token) == c.form
		if !strings.Contains(page, c.text) || !formed {
			t.Errorf("want %q and the form: %t in %s", c.text, c.form, page)
		}
	}
	s.wantLogin("ada@example.com", otherPassword, http.StatusOK)
	path := `/users/password/reset/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E`
	evil := s.do(call{method: "GET", path: path, header: browser})
	if strings.Contains(string(evil.body), "<script") {
		t.Errorf("a script got into the form: %s", evil.body)
	}
}

// The server limits how often reset links are requested and used from one network.
func TestResetLimit(t *testing.T) {
	const refused = `{"message":"Too Many Requests","data":null,"error":"too many requests of this kind; try again later"}`
	eachEngineBehindProxy(t, map[string]string{"RESET_LIMIT": "4/40s"}, func(s *testServer) {
		post := func(ip, path, body string) answer {
			return s.do(call{
				method: "POST", path: path, contentType: "application/json", body: body,
				header: map[string]string{"X-Forwarded-For": ip},
			})
		}
		for i := range 4 {
			path := []string{"/users/password/forgot", "/users/activate"}[i%2]
			post("192.0.2.1", path, fmt.Sprintf(`{"email":"%d@example.com"}`, i)).wantStatus(http.StatusAccepted)
			post("192.0.2.1", "/users/password/reset", `{"token":"x","password":"Xyz@789"}`).wantStatus(http.StatusNotFound)
		}
		for _, path := range []string{"/users/password/forgot", "/users/activate"} {
			a := post("192.0.2.1", path, `{"email":"ada@example.com"}`)
			a.want(http.StatusTooManyRequests, refused)
			a.wantHeader("Retry-After", "10")
		}
		post("192.0.2.1", "/users/password/reset", `{"token":"x","password":"Xyz@789"}`).
			want(http.StatusTooManyRequests, refused)
		post("192.0.2.2", "/users/password/forgot", `{"email":"ada@example.com"}`).wantStatus(http.StatusAccepted)
		s.clock.move(10 * time.Second)
		post("192.0.2.1", "/users/password/forgot", `{"email":"ada@example.com"}`).wantStatus(http.StatusAccepted)
	})
}

// The number of mails to an address is limited, and the answer does not reveal whether an account exists.
func TestForgotIsThrottled(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		for range 5 {
			s.json("POST", "/users/password/forgot", "", `{"email":"`+email+`"}`).wantStatus(http.StatusAccepted)
		}
		s.json("POST", "/users/password/forgot", "", `{"email":"`+email+`"}`).
			wantStatus(http.StatusTooManyRequests).wantHeader("Retry-After", "60")
	}
	s.clock.move(time.Minute) // one more request is admitted, but the account gets no more links
	s.json("POST", "/users/password/forgot", "", `{"email":"ada@example.com"}`).want(http.StatusAccepted, resetSentJSON)
	for range 5 {
		s.linkToken("ada@example.com", resetSubject)
	}
	s.wantNoMessage()
	if strings.Contains(s.log.String(), "ada@example.com") {
		t.Error("the log has an address")
	}
}
