package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/accounts"
	"bookplate/models"
)

func TestLogin(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		u := s.signUp("ada@example.com")
		a := s.json("POST", "/users/login/", "", `{"email":"ADA@example.com","password":"Abc@123"}`)
		got := data[user](a.wantStatus(http.StatusOK), "Successfully fetched auth token")
		if got.ID != u.ID || strings.Count(got.Token, ".") != 2 || got.TokenType != "Bearer" || got.ExpiresIn != 24*60*60 ||
			got.RefreshToken == "" {
			s.Errorf("logged in as %+v", got)
		}
	})
}

func TestLoginRefusals(t *testing.T) {
	const noDetails = `{"message":"Please provide user details","data":null,"error":"Bad request"}`
	const failed = `{"message":"Error fetching auth token!, invalid email or password","data":null,"error":"Unauthorized"}`
	const invalid = `{"message":"Invalid data","data":null,"error":%s}`
	const address = `"email":"must be an e-mail address such as ada@example.com"`
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		for _, c := range []struct {
			body   string
			status int
			want   string
		}{
			{``, http.StatusBadRequest, noDetails},
			{`[1]`, http.StatusBadRequest, noDetails},
			{`{"x":1}`, http.StatusBadRequest, fmt.Sprintf(invalid, `{`+address+`,"password":"is required"}`)},
			{`{"email":"ada","password":"Abc@123"}`, http.StatusBadRequest, fmt.Sprintf(invalid, `{`+address+`}`)},
			{
				`{"email":["ada@example.com"],"password":{"$ne":""}}`, http.StatusBadRequest,
				fmt.Sprintf(invalid, `{"email":"must be text","password":"must be text"}`),
			},
			{`{"email":"ada@example.com","password":"short"}`, http.StatusNotFound, failed},
			{`{"email":"ada@example.com","password":" Abc@123"}`, http.StatusNotFound, failed},
			{`{"email":"bob@example.com","password":"Abc@123"}`, http.StatusNotFound, failed},
		} {
			s.json("POST", "/users/login", "", c.body).want(c.status, c.want)
		}
	})
}

// A password hash from the tutorial's code still works, and a log-in replaces it by an argon2id hash.
func TestLoginWithWerkzeugHash(t *testing.T) {
	hashes := map[string]string{
		"pbkdf2": "pbkdf2:sha256:1000$salt$" + pbkdf2Hex(t, password, "salt", 1000),
		"scrypt": "scrypt:1024:8:1$salt$" + scryptHex(t, password, "salt", 1024, 8, 1),
	}
	eachEngine(t, func(s *testServer) {
		users := s.services.Store.Users()
		for name, hash := range hashes {
			email := name + "@example.com"
			u := models.User{ID: models.NewID(s.clock.now()), Name: "Old Account", Email: email, PasswordHash: hash, Active: true, Role: models.RoleUser}
			if err := users.Create(s.Context(), u); err != nil {
				s.Fatal(err)
			}
			s.json("POST", "/users/login", "", `{"email":"`+email+`","password":"Abc@124"}`).wantStatus(http.StatusNotFound)
			s.login(email)
			after, err := users.Get(s.Context(), u.ID)
			if err != nil {
				s.Fatal(err)
			}
			if !strings.HasPrefix(after.PasswordHash, "$argon2id$") {
				s.Errorf("%s: the hash is %s after the log-in", name, after.PasswordHash)
			}
			after.PasswordHash = hash
			if after != u {
				s.Errorf("%s: the log-in changed %+v to %+v", name, u, after)
			}
			s.login(email)
		}
	})
}

func (a answer) wantInvalidToken(description string) {
	a.Helper()
	a.want(http.StatusUnauthorized, `{"message":"Invalid Authentication token!","data":null,"error":"Unauthorized"}`)
	a.wantHeader("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+description+`"`)
}

const missingJSON = `{"message":"Authentication Token is missing!","data":null,"error":"Unauthorized"}`

func TestTokenMissing(t *testing.T) {
	s := newServer(t, nil)
	routes := []call{
		{method: "GET", path: "/users/"},
		{method: "PUT", path: "/users/"},
		{method: "PATCH", path: "/users/"},
		{method: "DELETE", path: "/users/"},
		{method: "DELETE", path: "/users/?erase=true"},
		{method: "GET", path: "/users/all"},
		{method: "PUT", path: "/users/email"},
		{method: "PUT", path: "/users/password"},
		{method: "POST", path: "/auth/refresh"},
		{method: "POST", path: "/auth/logout"},
		{method: "POST", path: "/auth/logout-all"},
		{method: "GET", path: "/auth/sessions"},
		{method: "DELETE", path: "/auth/sessions/0123456789abcdef01234567"},
		{method: "POST", path: "/books/"},
		{method: "GET", path: "/books/"},
		{method: "GET", path: "/books/0123456789abcdef01234567"},
		{method: "PUT", path: "/books/0123456789abcdef01234567"},
		{method: "DELETE", path: "/books/0123456789abcdef01234567"},
	}
	const sendBearer = "send the token as Authorization: Bearer <token>"
	for header, hint := range map[string]string{
		"": "", "Bearer": sendBearer, "Bearer ": sendBearer, "JWT": sendBearer, "abc": sendBearer, "Token abc": sendBearer,
		"Basic YWRhOmFkYQ==": sendBearer,
	} {
		for _, c := range routes {
			c.header = map[string]string{"Authorization": header}
			a := s.do(c)
			if a.want(http.StatusUnauthorized, missingJSON); hint != "" {
				a.want(http.StatusUnauthorized, strings.TrimSuffix(missingJSON, "}")+hintJSON(t, hint)+"}")
			}
			a.wantHeader("WWW-Authenticate", "Bearer")
		}
	}
}

func TestTokenSchemes(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  ", "JWT ", "jwt "} {
		s.do(call{method: "GET", path: "/users/", header: map[string]string{"Authorization": scheme + ada.Token}}).
			wantStatus(http.StatusOK)
	}
}

func TestHugeToken(t *testing.T) {
	s := newServer(t, nil)
	s.get("/users/", strings.Repeat(".", 1<<20)).wantInvalidToken("The token is malformed, forged or revoked")
}

func TestTokenExpires(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.clock.move(24*time.Hour - 2*time.Second)
		s.get("/users/", ada.Token).wantStatus(http.StatusOK)
		s.clock.move(2 * time.Second)
		s.get("/users/", ada.Token).wantInvalidToken("The token has expired")
	})
}

// An expired session is rejected even if its access token has not expired.
func TestSessionExpires(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.clock.move(30 * 24 * time.Hour)
		longer := models.Session{
			ID: models.ID(claimsOf(s, ada.Token)["sid"].(string)), UserID: models.ID(ada.ID),
			ExpiresAt: s.clock.now().Add(time.Hour),
		}
		token, _, err := s.services.Tokens.Issue(longer, "an id", s.clock.now())
		if err != nil {
			s.Fatal(err)
		}
		s.get("/users/", token).wantInvalidToken("The token has expired")
	})
}

// countingHasher counts how often a password is verified.
type countingHasher struct {
	accounts.Hasher
	verified atomic.Int32
}

func (h *countingHasher) Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	h.verified.Add(1)
	return h.Hasher.Verify(ctx, stored, password)
}

// Every failed log-in verifies one password hash, whether or not the account exists. Package auth tests that verifying
// takes the same time for all hashes.
func TestFailedLoginsCostTheSame(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	s.do(call{method: "DELETE", path: "/users/", token: s.signedIn("gone@example.com").Token})
	hasher := &countingHasher{Hasher: s.services.Hasher}
	s.services.Hasher = hasher
	s.start()
	for i, email := range []string{"ada@example.com", "nobody@example.com", "gone@example.com"} {
		s.json("POST", "/users/login", "", `{"email":"`+email+`","password":"Abc@124"}`).wantStatus(http.StatusNotFound)
		if n := int(hasher.verified.Load()); n != i+1 {
			t.Errorf("%s: %d verifications, want one", email, n-i)
		}
	}
}

// Successful log-ins are not throttled, even if many are concurrent.
func TestThrottleLetsSuccessesPass(t *testing.T) {
	s := newServer(t, nil)
	s.signUp("ada@example.com")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			a := s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123"}`)
			if a.status != http.StatusOK {
				s.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
	wg.Wait()
}

// Repeated failed log-ins to an account are throttled. Successful log-ins do not count, and other accounts are not
// affected.
func TestThrottle(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		wrong := `{"email":"ada@example.com","password":"Abc@124"}`
		for range 10 {
			s.login("ada@example.com") // a success does not count
			s.json("POST", "/users/login", "", wrong).wantStatus(http.StatusNotFound)
		}
		a := s.json("POST", "/users/login", "", wrong)
		a.want(http.StatusTooManyRequests,
			`{"message":"Too Many Requests","data":null,"error":"too many failed attempts; try again later"}`)
		a.wantHeader("Retry-After", "10")
		s.json("POST", "/users/login", "", `{"email":"bob@example.com","password":"Abc@124"}`).wantStatus(http.StatusNotFound)
		s.clock.move(10 * time.Second)
		s.login("ada@example.com")
	})
}

func TestThrottleOff(t *testing.T) {
	s := newServer(t, map[string]string{"THROTTLE": "off"})
	for range 30 {
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@124"}`).wantStatus(http.StatusNotFound)
	}
}
