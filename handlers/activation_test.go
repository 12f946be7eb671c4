package handlers

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

var activationOn = map[string]string{"REQUIRE_ACTIVATION": "on", "PUBLIC_URL": "https://books.example.com"}

const (
	deadLinkJSON       = `{"message":"This link does not work","data":null,"code":"link_invalid","error":"It is unknown, was used already or has expired"}`
	activatedJSON      = `{"message":"Your account is activated: you can log in now","data":null}`
	activationSentJSON = `{"message":"If an account waits to be activated at this address, a message is on its way","data":null}`
	notActivatedJSON   = `{"message":"Forbidden","data":null,"error":"The account is not activated yet: ` +
		`open the link in the mail, or ask for another by POST /users/activate"}`
)

func TestActivation(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("Ada@example.com")
		token := s.linkToken("Ada@example.com", activationSubject)
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123"}`).want(http.StatusForbidden, notActivatedJSON)
		s.wantLogin("ada@example.com", "Abc@1234", http.StatusNotFound) // a wrong password does not reveal that activation is missing
		s.get("/users/activate/"+token, "").want(http.StatusOK, activatedJSON)
		s.wantLogin("ada@example.com", password, http.StatusOK)
		s.get("/users/activate/"+token, "").want(http.StatusNotFound, deadLinkJSON) // a link works once
		s.wantNoMessage()
	})
}

// Every log-in route requires an activated account.
func TestEveryLoginNeedsActivation(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.register("grace", "grace@example.com")
		ways := map[string]string{
			"/users/login":    `{"email":"grace@example.com","password":"Abc@123","cookie":true}`,
			"/auth":           `{"username":"grace","password":"Abc@123"}`,
			"/login":          `{"username":"grace","password":"Abc@123"}`,
			"/v1/user/login/": `{"email":"grace@example.com","password":"Abc@123"}`,
		}
		for path, body := range ways {
			a := s.json("POST", path, "", body)
			a.want(http.StatusForbidden, notActivatedJSON)
			a.wantHeader("Set-Cookie", "")
		}
		s.get("/users/activate/"+s.linkToken("grace@example.com", activationSubject), "").want(http.StatusOK, activatedJSON)
		for path, body := range ways {
			s.json("POST", path, "", body).wantStatus(http.StatusOK)
		}
	})
}

// If REQUIRE_ACTIVATION is turned on later, accounts that are not activated cannot refresh their existing sessions.
func TestRefreshNeedsActivation(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("ada@example.com")
		s.services.Config.Activation = false
		s.start()
		ada := s.login("ada@example.com")
		s.services.Config.Activation = true
		s.start()
		s.tryRefresh(ada.RefreshToken).want(http.StatusForbidden, notActivatedJSON)
		s.json("POST", "/v1/user/refresh_token/", ada.RefreshToken, "").want(http.StatusForbidden, notActivatedJSON)
		s.get("/users/activate/"+s.linkToken("ada@example.com", activationSubject), "").want(http.StatusOK, activatedJSON)
		s.refresh(ada.RefreshToken)
	})
}

// While REQUIRE_ACTIVATION is off, no account needs activation, not even one that signed up while it was on.
func TestActivationIsOffByDefault(t *testing.T) {
	s := newServer(t, activationOn)
	s.signUp("ada@example.com")
	s.services.Config.Activation = false
	s.start()
	s.signedIn("eve@example.com")
	s.wantLogin("ada@example.com", password, http.StatusOK)
	s.linkToken("ada@example.com", activationSubject)
	s.wantNoMessage()
}

// Accounts that signed up before REQUIRE_ACTIVATION was turned on need no activation.
func TestActivationIsForNewAccounts(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	s.services.Config.Activation = true
	s.start()
	s.wantLogin("ada@example.com", password, http.StatusOK)
}

// The answer to a request for an activation link is the same for every address, with or without an account.
func TestRequestActivation(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("ada@example.com")
		first := s.linkToken("ada@example.com", activationSubject)
		for _, email := range []string{"ADA@example.com", "nobody@example.com"} {
			s.json("POST", "/users/activate/", "", `{"email":"`+email+`"}`).want(http.StatusAccepted, activationSentJSON)
		}
		second := s.linkToken("ada@example.com", activationSubject)
		s.get("/users/activate/"+second, "").want(http.StatusOK, activatedJSON)
		s.json("POST", "/users/activate", "", `{"email":"ada@example.com"}`).want(http.StatusAccepted, activationSentJSON)
		s.get("/users/activate/"+first, "").wantStatus(http.StatusOK) // an earlier link still works
		s.wantNoMessage()
	})
}

// An activation link is rejected if it has expired, is truncated, was never sent, or was sent for another purpose.
func TestInvalidActivationLinks(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("ada@example.com")
		token := s.linkToken("ada@example.com", activationSubject)
		s.json("POST", "/users/password/forgot", "", `{"email":"ada@example.com"}`).wantStatus(http.StatusAccepted)
		reset := s.linkToken("ada@example.com", resetSubject)
		for name, wrong := range map[string]string{
			"truncated":         token[:42],
			"longer":            token + "A",
			"padded":            token + "=",
			"upper-case":        strings.ToUpper(token),
			"another purpose's": reset,
			"unknown":           base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
			"empty":             "%20",
			"an injection":      "%7B%22$ne%22:1%7D",
			"the stored hash":   strings.Repeat("0", 64),
		} {
			a := s.get("/users/activate/"+wrong, "")
			if a.status != http.StatusNotFound || string(a.body) != deadLinkJSON {
				s.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		s.wantLogin("ada@example.com", password, http.StatusForbidden)
		s.clock.move(24 * time.Hour)
		s.get("/users/activate/"+token, "").want(http.StatusNotFound, deadLinkJSON)
		s.wantLogin("ada@example.com", password, http.StatusForbidden)
	})
}

// The page that an activation link opens protects the link's token: it is not cached and sends no referrer.
func TestActivationPage(t *testing.T) {
	s := newServer(t, activationOn)
	s.signUp("ada@example.com")
	token := s.linkToken("ada@example.com", activationSubject)
	visit := call{
		method: "GET", path: "/users/activate/" + token,
		header: map[string]string{"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
	}
	head := visit
	head.method = "HEAD"
	s.do(head).wantStatus(http.StatusOK)
	for _, want := range []struct {
		status int
		text   string
	}{{http.StatusOK, "Your account is activated"}, {http.StatusNotFound, "was used already"}} {
		a := s.do(visit).wantStatus(want.status)
		a.wantHeader("Content-Type", "text/html; charset=utf-8")
		a.wantHeader("Cache-Control", "no-store")
		a.wantHeader("Referrer-Policy", "no-referrer")
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("Content-Security-Policy: %s", csp)
		}
		if !strings.Contains(string(a.body), want.text) || strings.Contains(string(a.body), token) {
			t.Errorf("want %q and no token in %s", want.text, a.body)
		}
	}
	s.wantLogin("ada@example.com", password, http.StatusOK)
}

// A person who signed up with somebody else's address may request many activation links. The owner of the address can
// still get a link to reset the password.
func TestActivationsDoNotStopTheReset(t *testing.T) {
	eachEngineWith(t, activationOn, func(s *testServer) {
		s.signUp("ada@example.com")
		for range 4 {
			s.json("POST", "/users/activate", "", `{"email":"ada@example.com"}`).want(http.StatusAccepted, activationSentJSON)
		}
		for range 5 {
			s.linkToken("ada@example.com", activationSubject)
		}
		s.clock.move(time.Minute) // the limit admits one more request
		s.reset(s.requestReset("ada@example.com"), otherPassword).want(http.StatusOK, resetDoneJSON)
	})
}
