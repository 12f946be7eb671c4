package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/joho/godotenv"
)

const (
	localCookie   = "bookplate" // the cookie's name without TLS
	refreshCookie = "bookplate-refresh"
	hostCookie    = "__Host-bookplate" // its name with TLS
	foreignOrigin = "https://evil.example"
)

// cookieLogin logs in and asks for a cookie. It returns the account and the cookie.
func (s *testServer) cookieLogin(email string) (u user, cookie *http.Cookie) {
	s.Helper()
	a := s.json("POST", "/users/login", "", `{"email":"`+email+`","password":"Abc@123","cookie":true}`)
	u = data[user](a.wantStatus(http.StatusOK), "Successfully fetched auth token")
	return u, a.cookie()
}

// cookie returns the only cookie that an answer sets.
func (a answer) cookie() *http.Cookie {
	a.Helper()
	cookies := a.cookies()
	if len(cookies) != 1 {
		a.Fatalf("the answer sets %d cookies: %v", len(cookies), a.header)
	}
	return cookies[0]
}

// cookies returns the cookies that an answer sets.
func (a answer) cookies() []*http.Cookie { return (&http.Response{Header: a.header}).Cookies() }

// doWithCookie makes a request with a cookie, and with other headers, each given as its name and its value.
func (s *testServer) doWithCookie(method, path, name, value string, headers ...string) answer {
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
		if cookie.Name != localCookie || cookie.Value != ada.Token || cookie.Secure {
			s.Errorf("on localhost the cookie is %v", cookie)
		}
		checkCookie(s, cookie, 24*time.Hour)
		me := data[user](s.doWithCookie("GET", "/users/", localCookie, cookie.Value), "successfully retrieved user profile")
		if me.ID != ada.ID {
			s.Errorf("the cookie is %s's, want %s's", me.ID, ada.ID)
		}
		s.doWithCookie("POST", "/auth/logout", localCookie, cookie.Value).wantCookieCleared()
		s.doWithCookie("GET", "/users/", localCookie, cookie.Value).wantInvalidToken("The token is malformed, forged or revoked")
	})
}

// wantCookieCleared checks that an answer deletes the cookie with the token.
func (a answer) wantCookieCleared() {
	a.Helper()
	if gone := a.cookie(); a.status >= 300 || gone.Name != localCookie || gone.Value != "" || gone.MaxAge != -1 {
		a.Errorf("status %d, and the cookie is %v", a.status, gone)
	}
}

// A request that ends its own session also deletes the browser's cookie. A request that ends another session does not.
func TestEndedSessionClearsTheCookie(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		cookieOf := func() string {
			ada, _ := s.cookieLogin("ada@example.com")
			return ada.Token
		}
		mine, other := cookieOf(), cookieOf()
		sessionOf := func(token string) string { return "/auth/sessions/" + claimsOf(s, token)["sid"].(string) }
		s.doWithCookie("DELETE", sessionOf(other), localCookie, mine).wantStatus(http.StatusNoContent).wantHeader("Set-Cookie", "")
		s.doWithCookie("DELETE", sessionOf(mine), localCookie, mine).wantCookieCleared()
		s.doWithCookie("POST", "/auth/logout-all", localCookie, cookieOf()).wantCookieCleared()
		s.doWithCookie("DELETE", "/users/", localCookie, cookieOf()).wantCookieCleared()

		s.signUp("ada@example.com")
		s.do(call{
			method: "DELETE", path: "/users/?erase=true", contentType: "application/json", body: `{"password":"Abc@123"}`,
			header: map[string]string{"Cookie": localCookie + "=" + cookieOf()},
		}).wantCookieCleared()
	})
}

// checkCookie checks the attributes that the cookie always has, and its age.
func checkCookie(s *testServer, cookie *http.Cookie, age time.Duration) {
	s.Helper()
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" ||
		cookie.MaxAge != int(age.Seconds()) {
		s.Errorf("the cookie is %v", cookie)
	}
}

// With TLS, the cookie is Secure and bound to the host. Without TLS, browsers would not keep such a cookie.
func TestSecureCookie(t *testing.T) {
	for _, public := range []string{"https://books.example.com", "https://localhost"} {
		s := newServer(t, map[string]string{"PUBLIC_URL": public})
		s.signUp("ada@example.com")
		ada, cookie := s.cookieLogin("ada@example.com")
		if cookie.Name != hostCookie || !cookie.Secure || cookie.Value != ada.Token {
			t.Errorf("%s: the cookie is %v", public, cookie)
		}
		checkCookie(s, cookie, 24*time.Hour)
		s.doWithCookie("GET", "/users/", hostCookie, cookie.Value).wantStatus(http.StatusOK)
		s.doWithCookie("GET", "/users/", localCookie, cookie.Value).wantStatus(http.StatusUnauthorized) // a subdomain could set it
	}
	for _, public := range []string{"http://localhost:5000", "http://[::1]:5000", "http://books.example.com", "http://192.0.2.1:5000"} {
		s := newServer(t, map[string]string{"PUBLIC_URL": public})
		s.signUp("ada@example.com")
		if _, cookie := s.cookieLogin("ada@example.com"); cookie.Name != localCookie || cookie.Secure {
			t.Errorf("%s: the cookie is %v", public, cookie)
		}
	}
}

// Behind a proxy with TLS the cookies are Secure. A proxy that is not trusted can make them stricter, but not laxer.
func TestCookiesBehindAProxy(t *testing.T) {
	deployed, err := godotenv.Read("../deploy/bookplate.env")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings map[string]string
		cookies  map[string]string // the name of the cookie for each value of X-Forwarded-Proto
	}{
		"deploy/bookplate.env": {deployed, map[string]string{"https": hostCookie, "http": hostCookie, "": hostCookie}},
		"a trusted proxy": {
			map[string]string{"TRUSTED_PROXIES": deployed["TRUSTED_PROXIES"]},
			map[string]string{"https": hostCookie, "HTTPS, http": hostCookie, "http": localCookie, "http, https": localCookie},
		},
		"a proxy that is not trusted": {
			nil, map[string]string{"https": hostCookie, "HTTPS, http": hostCookie, "http": localCookie, "": localCookie},
		},
		"PUBLIC_URL without TLS": {
			map[string]string{"PUBLIC_URL": "http://books.example.com"}, map[string]string{"https": hostCookie, "http": localCookie},
		},
	} {
		s := newServer(t, c.settings)
		s.signUp("ada@example.com")
		for proto, want := range c.cookies {
			a := s.do(call{
				method: "POST", path: "/users/login", contentType: "application/json", header: map[string]string{"X-Forwarded-Proto": proto},
				body: `{"email":"ada@example.com","password":"Abc@123","cookie":true}`,
			})
			cookie := a.cookie()
			if cookie.Name != want || cookie.Secure != (want == hostCookie) {
				t.Errorf("%s, X-Forwarded-Proto %q: the cookie is %v", name, proto, cookie)
			}
			s.doWithCookie("GET", "/users/", cookie.Name, cookie.Value, "X-Forwarded-Proto", proto).wantStatus(http.StatusOK)
		}
	}
}

// A client that asks for it gets its tokens in cookies only, and renews and ends its session by them.
func TestCookiesOnly(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		login := s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123","cookie":"only"}`)
		access, refresh := login.tokenCookies()
		checkCookie(s, access, 24*time.Hour)
		checkCookie(s, refresh, 30*24*time.Hour)

		s.clock.move(25 * time.Hour)
		s.doWithCookie("GET", "/users/", localCookie, access.Value).wantStatus(http.StatusUnauthorized)
		renewed, next := s.refreshByCookie(refresh.Value).tokenCookies()
		s.doWithCookie("GET", "/users/", localCookie, renewed.Value).wantStatus(http.StatusOK)
		checkCookie(s, next, 29*24*time.Hour-time.Hour)

		s.refreshByCookie("").wantStatus(http.StatusUnauthorized)
		out := s.do(call{method: "POST", path: "/auth/logout", header: map[string]string{
			"Cookie": localCookie + "=" + renewed.Value + "; " + refreshCookie + "=" + next.Value,
		}})
		for _, cookie := range out.wantStatus(http.StatusOK).cookies() {
			if cookie.MaxAge != -1 {
				s.Errorf("after the log-out there is %v", cookie)
			}
		}
		s.refreshByCookie(next.Value).wantStatus(http.StatusUnauthorized)
	})
}

// The cookie with the refresh token is used only by requests that ask for it, and not by pages of another origin.
func TestRefreshCookieIsNotUsedUnasked(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	_, refresh := s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123","cookie":"only"}`).tokenCookies()
	s.doWithCookie("POST", "/auth/refresh", refreshCookie, refresh.Value).wantStatus(http.StatusUnauthorized)
	s.do(call{
		method: "POST", path: "/auth/refresh", contentType: "text/plain", body: `{"cookie":"only"}`,
		header: map[string]string{"Cookie": refreshCookie + "=" + refresh.Value, "Origin": foreignOrigin},
	}).wantStatus(http.StatusForbidden)
	s.refreshByCookie(refresh.Value).wantStatus(http.StatusOK)
}

// refreshByCookie renews the tokens in cookies.
func (s *testServer) refreshByCookie(token string) answer {
	return s.do(call{
		method: "POST", path: "/auth/refresh", contentType: "application/json", body: `{"cookie":"only"}`,
		header: map[string]string{"Cookie": refreshCookie + "=" + token},
	})
}

// tokenCookies returns the cookies with the access token and the refresh token. It checks that the body has neither.
func (a answer) tokenCookies() (access, refresh *http.Cookie) {
	a.Helper()
	cookies := a.wantStatus(http.StatusOK).cookies()
	if len(cookies) != 2 || cookies[0].Name != localCookie || cookies[1].Name != refreshCookie {
		a.Fatalf("the cookies are %v", cookies)
	}
	if body := string(a.body); strings.Contains(body, cookies[0].Value) || strings.Contains(body, cookies[1].Value) {
		a.Errorf("the body has a token: %s", body)
	}
	return cookies[0], cookies[1]
}

// The server sets a cookie only if the client asks for one.
func TestNoCookie(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for _, c := range []struct{ body, want string }{
		{`"cookie":false`, ""}, {`"cookie":"false"`, ""}, {`"cookie":null`, ""}, {`"cookie":"1"`, localCookie}, {`"cookie":true`, localCookie},
	} {
		a := s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123",`+c.body+`}`)
		if got := a.wantStatus(http.StatusOK).header.Get("Set-Cookie"); !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: Set-Cookie: %q", c.body, got)
		}
	}
	for _, value := range []string{`"maybe"`, `7`} {
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123","cookie":`+value+`}`).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"cookie":"must be true, false or only"}}`)
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
	if cookie := a.cookie(); cookie.Name != localCookie || cookie.Value != pair.Token {
		t.Errorf("the cookie is %v, want the token %s", cookie, pair.Token)
	}
}

// The Authorization header takes precedence over the cookie. The origin of a request with that header is not checked.
func TestHeaderBeforeCookie(t *testing.T) {
	s := newServer(t, nil)
	ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
	a := s.doWithCookie("GET", "/users/", localCookie, eve.Token, "Authorization", "Bearer "+ada.Token)
	if me := data[user](a, "successfully retrieved user profile"); me.ID != ada.ID {
		t.Errorf("the request is %s's, want %s's", me.ID, ada.ID)
	}
	s.doWithCookie("GET", "/users/", localCookie, eve.Token, "Authorization", "Bearer x").wantStatus(http.StatusUnauthorized)
	s.doWithCookie("GET", "/users/", localCookie, eve.Token, "Authorization", "Basic eDp5").wantStatus(http.StatusOK) // the credentials are for a proxy
	s.doWithCookie("POST", "/auth/logout", localCookie, eve.Token, "Authorization", "Bearer "+ada.Token,
		"Origin", foreignOrigin, "Sec-Fetch-Site", "cross-site").wantStatus(http.StatusOK)
	s.wantSessionEnded(ada.tokens)
	s.get("/users/", eve.Token).wantStatus(http.StatusOK)
}

// Requests from pages of another site change nothing, even with the cookie (cross-site request forgery).
func TestForeignPages(t *testing.T) {
	const refused = `{"message":"Forbidden","data":null,"error":"A page of another origin may not do this with a cookie"}`
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		ada, _ := s.cookieLogin("ada@example.com")
		book := s.addBook(ada.Token, "Notes")
		for _, headers := range [][]string{
			{"Sec-Fetch-Site", "cross-site", "Origin", foreignOrigin},
			{"Sec-Fetch-Site", "same-site", "Origin", "https://neighbour.example.com"},
			{"Sec-Fetch-Site", "cross-site"},
			{"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			{"Origin", foreignOrigin}, // from a browser without Sec-Fetch-Site
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
				s.doWithCookie(r.method, r.path, localCookie, ada.Token, headers...).want(http.StatusForbidden, refused)
			}
			s.doWithCookie("GET", "/users/", localCookie, ada.Token, headers...).wantStatus(http.StatusOK) // the page cannot read it
		}
		s.get("/books/"+book.ID, ada.Token).wantStatus(http.StatusOK)
	})
}

// A page of another site cannot log a visitor in to an account that the page chooses (login CSRF).
func TestForeignLogin(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for path, body := range map[string]string{
		"/users/login":  `{"email":"ada@example.com","password":"Abc@123","cookie":true}`,
		"/auth/refresh": `{"refresh_token":"` + ada.RefreshToken + `","cookie":true}`,
	} {
		c := call{method: "POST", path: path, contentType: "text/plain", body: body, header: map[string]string{"Origin": foreignOrigin}}
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
		{"", nil, http.StatusOK}, // not from a browser
		{"", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000"}, http.StatusOK},
		{"https://app.example.com", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.com"}, http.StatusOK},
		{"https://app.example.com", []string{"Origin", "https://app.example.com"}, http.StatusOK},
		{"https://app.example.com", []string{"Origin", "http://app.example.com"}, http.StatusForbidden},
		{"https://app.example.com", []string{"Origin", "http://localhost:3000"}, http.StatusForbidden},
		{"*", []string{"Sec-Fetch-Site", "cross-site", "Origin", foreignOrigin}, http.StatusForbidden},
		{"*,https://app.example.com", []string{"Origin", foreignOrigin}, http.StatusForbidden},
		{"*", []string{"Sec-Fetch-Site", "cross-site", "Origin", "none"}, http.StatusForbidden},
	} {
		s := newServer(t, map[string]string{"CORS_ORIGINS": c.origins})
		ada := s.signedIn("ada@example.com")
		if a := s.doWithCookie("POST", "/auth/logout", localCookie, ada.Token, c.headers...); a.status != c.status {
			t.Errorf("CORS_ORIGINS=%s, %v: status %d, want %d", c.origins, c.headers, a.status, c.status)
		}
	}
}
