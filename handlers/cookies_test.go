package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Where a test's browser may be: on a page of the server, of another site, or of none.
const (
	local   = "bookplate"
	hosted  = "__Host-bookplate"
	foreign = "https://evil.example"
)

// cookieLogin logs in and returns the answer's cookie.
func (s *testServer) cookieLogin(email string) (u user, cookie *http.Cookie) {
	s.Helper()
	a := s.json("POST", "/users/login", "", `{"email":"`+email+`","password":"Abc@123","cookie":true}`)
	u = data[user](a.wantStatus(http.StatusOK), "Successfully fetched auth token")
	return u, a.cookie()
}

// cookie is the cookie that an answer sets.
func (a answer) cookie() *http.Cookie {
	a.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 {
		a.Fatalf("the answer sets %d cookies: %v", len(cookies), a.header)
	}
	return cookies[0]
}

// browse makes a request that has a cookie and other headers, in pairs.
func (s *testServer) browse(method, path, name, value string, headers ...string) answer {
	s.Helper()
	c := call{method: method, path: path, header: map[string]string{"Cookie": name + "=" + value}}
	for i := 0; i < len(headers); i += 2 {
		c.header[headers[i]] = headers[i+1]
	}
	return s.do(c)
}

func TestCookie(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		ada, cookie := s.cookieLogin("ada@example.com")
		if cookie.Name != local || cookie.Value != ada.Token || cookie.Secure {
			s.Errorf("on localhost the cookie is %v", cookie)
		}
		checkCookie(s, cookie, 24*time.Hour)
		me := data[user](s.browse("GET", "/users/", local, cookie.Value), "successfully retrieved user profile")
		if me.ID != ada.ID {
			s.Errorf("the cookie is %s's, want %s's", me.ID, ada.ID)
		}
		s.browse("POST", "/auth/logout", local, cookie.Value).wantCookieGone()
		s.browse("GET", "/users/", local, cookie.Value).wantInvalidToken("The token is malformed, forged or revoked")
	})
}

// wantCookieGone checks that a browser forgets its cookie.
func (a answer) wantCookieGone() {
	a.Helper()
	if gone := a.cookie(); a.status >= 300 || gone.Name != local || gone.Value != "" || gone.MaxAge != -1 {
		a.Errorf("status %d, and the cookie is %v", a.status, gone)
	}
}

// Whatever ends the session that asks has the browser forget it; ending another one does not.
func TestCookieGoesWithItsSession(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		cookieOf := func() string {
			ada, _ := s.cookieLogin("ada@example.com")
			return ada.Token
		}
		mine, other := cookieOf(), cookieOf()
		sessionOf := func(token string) string { return "/auth/sessions/" + claimsOf(s, token)["sid"].(string) }
		s.browse("DELETE", sessionOf(other), local, mine).wantStatus(http.StatusNoContent).wantHeader("Set-Cookie", "")
		s.browse("DELETE", sessionOf(mine), local, mine).wantCookieGone()
		s.browse("POST", "/auth/logout-all", local, cookieOf()).wantCookieGone()
		s.browse("DELETE", "/users/", local, cookieOf()).wantCookieGone()

		s.signUp("ada@example.com")
		s.do(call{
			method: "DELETE", path: "/users/?erase=true", contentType: "application/json", body: `{"password":"Abc@123"}`,
			header: map[string]string{"Cookie": local + "=" + cookieOf()},
		}).wantCookieGone()
	})
}

// checkCookie checks what every cookie has.
func checkCookie(s *testServer, cookie *http.Cookie, age time.Duration) {
	s.Helper()
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" ||
		cookie.MaxAge != int(age.Seconds()) {
		s.Errorf("the cookie is %v", cookie)
	}
}

// Anywhere but on localhost the cookie is for TLS and for this very host.
func TestSecureCookie(t *testing.T) {
	for _, public := range []string{"https://books.example.com", "http://books.example.com", "https://localhost", "http://192.0.2.1:5000"} {
		s := newServer(t, map[string]string{"PUBLIC_URL": public})
		s.signUp("ada@example.com")
		ada, cookie := s.cookieLogin("ada@example.com")
		if cookie.Name != hosted || !cookie.Secure || cookie.Value != ada.Token {
			t.Errorf("%s: the cookie is %v", public, cookie)
		}
		checkCookie(s, cookie, 24*time.Hour)
		s.browse("GET", "/users/", hosted, cookie.Value).wantStatus(http.StatusOK)
		s.browse("GET", "/users/", local, cookie.Value).wantStatus(http.StatusUnauthorized) // a neighbour may have planted it
	}
	for _, public := range []string{"http://localhost:5000", "http://127.0.0.1", "http://[::1]:5000"} {
		s := newServer(t, map[string]string{"PUBLIC_URL": public})
		s.signUp("ada@example.com")
		if _, cookie := s.cookieLogin("ada@example.com"); cookie.Name != local || cookie.Secure {
			t.Errorf("%s: the cookie is %v", public, cookie)
		}
	}
}

// Nobody gets a cookie who does not ask for one.
func TestNoCookie(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for _, c := range []struct{ body, want string }{
		{`"cookie":false`, ""}, {`"cookie":"false"`, ""}, {`"cookie":null`, ""}, {`"cookie":"1"`, local}, {`"cookie":true`, local},
	} {
		a := s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123",`+c.body+`}`)
		if got := a.wantStatus(http.StatusOK).header.Get("Set-Cookie"); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: Set-Cookie: %q", c.body, got)
		}
	}
	for _, value := range []string{`"maybe"`, `7`} {
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123","cookie":`+value+`}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"cookie":"must be true or false"}}`)
	}
	a := s.json("POST", "/auth/logout", ada.Token, "").wantStatus(http.StatusOK)
	a.wantHeader("Set-Cookie", "")
}

func TestCookieIsRenewed(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	ada, _ := s.cookieLogin("ada@example.com")
	s.clock.move(time.Hour)
	a := s.json("POST", "/auth/refresh", "", `{"refresh_token":"`+ada.RefreshToken+`","cookie":true}`)
	pair := data[tokens](a.wantStatus(http.StatusOK), "Successfully refreshed auth token")
	if cookie := a.cookie(); cookie.Name != local || cookie.Value != pair.Token {
		t.Errorf("the cookie is %v, want the token %s", cookie, pair.Token)
	}
}

// The header counts before the cookie, and needs no look at where the request comes from.
func TestHeaderBeforeCookie(t *testing.T) {
	s := newServer(t, nil)
	ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
	a := s.browse("GET", "/users/", local, eve.Token, "Authorization", "Bearer "+ada.Token)
	if me := data[user](a, "successfully retrieved user profile"); me.ID != ada.ID {
		t.Errorf("the request is %s's, want %s's", me.ID, ada.ID)
	}
	s.browse("GET", "/users/", local, eve.Token, "Authorization", "Bearer x").wantStatus(http.StatusUnauthorized)
	s.browse("GET", "/users/", local, eve.Token, "Authorization", "Basic eDp5").wantStatus(http.StatusOK) // no token, but a proxy's
	s.browse("POST", "/auth/logout", local, eve.Token, "Authorization", "Bearer "+ada.Token,
		"Origin", foreign, "Sec-Fetch-Site", "cross-site").wantStatus(http.StatusOK)
	s.wantOver(ada.tokens)
	s.get("/users/", eve.Token).wantStatus(http.StatusOK)
}

// Cross-site request forgery: what a foreign page makes a browser send changes nothing.
func TestForeignPages(t *testing.T) {
	const refused = `{"message":"Forbidden","data":null,"error":"A page of another origin may not do this with a cookie"}`
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		ada, _ := s.cookieLogin("ada@example.com")
		book := s.addBook(ada.Token, "Notes")
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site", "Origin", foreign},
			{"Sec-Fetch-Site", "same-site", "Origin", "https://neighbour.example.com"},
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			{"Origin", foreign}, // a browser of before 2023
			{"Origin", "null"},
			{"Origin", "http://localhost.evil.example"},
		} {
			for _, r := range []struct{ method, path string }{
				{"PUT", "/users/"},
				{"PATCH", "/users/"},
				{"DELETE", "/users/"},
				{"DELETE", "/users/?erase=true"},
				{"PUT", "/users/email"},
				{"PUT", "/users/password"},
				{"POST", "/books/"},
				{"PUT", "/books/" + book.ID},
				{"DELETE", "/books/" + book.ID},
				{"POST", "/auth/logout"},
				{"POST", "/auth/logout-all"},
				{"DELETE", "/auth/sessions/" + claimsOf(s, ada.Token)["sid"].(string)},
				{"POST", "/v1/user/signout_access/"},
			} {
				s.browse(r.method, r.path, local, ada.Token, headers...).want(http.StatusForbidden, refused)
			}
			s.browse("GET", "/users/", local, ada.Token, headers...).wantStatus(http.StatusOK) // reading is CORS's to refuse
		}
		s.get("/books/"+book.ID, ada.Token).wantStatus(http.StatusOK)
	})
}

// A foreign page can sign nobody in to the attacker's account.
func TestForeignLogin(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for path, body := range map[string]string{
		"/users/login":  `{"email":"ada@example.com","password":"Abc@123","cookie":true}`,
		"/auth/refresh": `{"refresh_token":"` + ada.RefreshToken + `","cookie":true}`,
	} {
		c := call{method: "POST", path: path, contentType: "text/plain", body: body, header: map[string]string{"Origin": foreign}}
		a := s.do(c).wantStatus(http.StatusForbidden)
		a.wantHeader("Set-Cookie", "")
		c.body = strings.Replace(body, "true", "false", 1)
		s.do(c).wantStatus(http.StatusOK)
	}
}

func TestFriendlyPages(t *testing.T) {
	for _, c := range []struct {
		origins string
		headers []string
		status  int
	}{
		{"", []string{"Sec-Fetch-Site", "same-origin"}, http.StatusOK},
		{"", []string{"Sec-Fetch-Site", "none"}, http.StatusOK},
		{"", nil, http.StatusOK}, // no browser
		{"", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000"}, http.StatusOK},
		{"https://app.example.com", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.com"}, http.StatusOK},
		{"https://app.example.com", []string{"Origin", "https://app.example.com"}, http.StatusOK},
		{"https://app.example.com", []string{"Origin", "http://app.example.com"}, http.StatusForbidden},
		{"https://app.example.com", []string{"Origin", "http://localhost:3000"}, http.StatusForbidden},
		{"*", []string{"Sec-Fetch-Site", "cross-site", "Origin", foreign}, http.StatusForbidden},
		{"*,https://app.example.com", []string{"Origin", foreign}, http.StatusForbidden},
		{"*", []string{"Sec-Fetch-Site", "cross-site", "Origin", "none"}, http.StatusForbidden},
	} {
		s := newServer(t, map[string]string{"CORS_ORIGINS": c.origins})
		ada := s.signedIn("ada@example.com")
		if a := s.browse("POST", "/auth/logout", local, ada.Token, c.headers...); a.status != c.status {
			t.Errorf("CORS_ORIGINS=%s, %v: status %d, want %d", c.origins, c.headers, a.status, c.status)
		}
	}
}
