package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/handlers/web"
	"bookplate/models"
)

// fields decodes an answer that is a JSON object but not an envelope.
func (a answer) fields() map[string]any {
	a.Helper()
	var fields map[string]any
	if err := json.Unmarshal(a.body, &fields); err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
	return fields
}

// register creates an account through the diary tutorial's route.
func (s *testServer) register(username, email string) (id string) {
	s.Helper()
	a := s.json("POST", "/v1/user/register/", "", fmt.Sprintf(`{"username":%q,"email":%q,"password":%q}`, username, email, password))
	a.wantStatus(http.StatusCreated)
	id, _ = a.fields()["id"].(string)
	return id
}

// signUpGrace creates an account with the user name grace and logs in.
func (s *testServer) signUpGrace() (id string, pair tokens) {
	s.Helper()
	return s.register("grace", "grace@example.com"), s.login("grace@example.com").tokens
}

// graceNames are spellings of the user name and of the e-mail address of one account. A log-in accepts all of them.
var graceNames = []string{"grace", "GRACE", " grace ", "grace@example.com", "Grace@Example.com"}

func TestFlaskJWT(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		id := s.register("grace", "grace@example.com")
		for _, name := range graceNames {
			a := s.json("POST", "/auth", "", `{"username":"`+name+`","password":"Abc@123"}`).wantStatus(http.StatusOK)
			token, _ := a.fields()["access_token"].(string)
			a.want(http.StatusOK, `{"access_token":"`+token+`"}`)
			for _, scheme := range []string{"JWT ", "Bearer "} {
				a := s.do(call{method: "GET", path: "/protected", header: map[string]string{"Authorization": scheme + token}})
				if a.wantStatus(http.StatusOK); string(a.body) != "User id: "+id || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
					s.Errorf("%s is answered %q as %s, want the id %s", scheme, a.body, a.header.Get("Content-Type"), id)
				}
			}
		}
	})
}

// badLogins returns bodies of log-ins that must fail. They send the name of the account in this field.
func badLogins(field string) []string {
	return []string{
		``, `{}`, `[]`, `null`, `{"x":`, `7`,
		fmt.Sprintf(`{"%s":"grace@example.com"}`, field),
		`{"password":"Abc@123"}`,
		fmt.Sprintf(`{"%s":"","password":"Abc@123"}`, field),
		fmt.Sprintf(`{"%s":"grace@example.com","password":"Abc@124"}`, field),
		fmt.Sprintf(`{"%s":"grace","password":"abc@123"}`, field),
		fmt.Sprintf(`{"%s":"nobody","password":"Abc@123"}`, field),
		fmt.Sprintf(`{"%s":"nobody@example.com","password":"Abc@123"}`, field),
		fmt.Sprintf(`{"%s":{"$gt":""},"password":{"$gt":""}}`, field),
		fmt.Sprintf(`{"%s":7,"password":7}`, field),
		fmt.Sprintf(`{"%s":"gone","password":"Abc@123"}`, field),
	}
}

func TestTutorialLoginRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.services.Config.Throttle = false
		s.start()
		s.signUpGrace()
		s.register("gone", "gone@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: s.login("gone@example.com").Token}).wantStatus(http.StatusNoContent)
		for _, c := range []struct{ path, field, want string }{
			{"/auth", "username", `{"status_code":401,"error":"Bad Request","description":"Invalid credentials"}`},
			{"/login", "username", `{"message":"Login Failed"}`},
			{"/v1/user/login/", "email", `{"status":"fail","data":{"msg":"Unable to authenticate user: Invalid credentials"}}`},
		} {
			for _, body := range badLogins(c.field) {
				s.json("POST", c.path, "", body).want(http.StatusUnauthorized, c.want)
			}
		}
	})
}

// All log-in routes share one throttle.
func TestTutorialLoginsShareTheThrottle(t *testing.T) {
	s := newServer(t, nil)
	s.signUpGrace()
	paths := []string{"/auth", "/login", "/v1/user/login/", "/users/login"}
	for i := range 10 {
		s.json("POST", paths[i%4], "", `{"username":"grace@example.com","email":"grace@example.com","password":"Wrong@123"}`)
	}
	for _, path := range paths {
		a := s.json("POST", path, "", `{"username":"grace@example.com","email":"grace@example.com","password":"Abc@123"}`)
		a.want(http.StatusTooManyRequests, `{"message":"Too Many Requests","data":null,"error":"too many failed attempts; try again later"}`)
	}
}

func TestShopLogin(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		s.signUp("ada@example.com")
		s.register("grace", "grace@example.com")
		for _, c := range []struct{ contentType, body, name string }{
			{"application/json", `{"username":"ada@example.com","password":"Abc@123"}`, "Ada Lovelace"},
			{"application/x-www-form-urlencoded", `username=grace&password=Abc%40123`, "grace"},
			{"application/json", `{"username":"grace","Password":"Abc@123"}`, "grace"}, // as the shop tutorial's page sends it
		} {
			a := s.do(call{method: "POST", path: "/login", contentType: c.contentType, body: c.body}).wantStatus(http.StatusOK)
			token, _ := a.fields()["access_token"].(string)
			a.want(http.StatusOK, `{"message":"Login Success","access_token":"`+token+`"}`)
			s.get("/get_name", token).want(http.StatusOK, `{"message":"User found","name":"`+c.name+`"}`)
		}
		a := s.form("POST", "/login/", "", field{name: "username", value: "grace"}, field{name: "password", value: password})
		a.wantStatus(http.StatusOK)
	})
}

// A token of an erased account is answered with 404, as in the shop tutorial.
func TestNameOfErasedAccount(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		session := models.Session{ID: models.NewID(s.clock.now()), UserID: models.NewID(s.clock.now()), ExpiresAt: s.clock.now().Add(time.Hour)}
		if err := s.services.Store.Sessions().Create(s.Context(), session); err != nil {
			s.Fatal(err)
		}
		token, _, err := s.services.Tokens.Issue(session, "an id", s.clock.now())
		if err != nil {
			s.Fatal(err)
		}
		s.get("/get_name", token).want(http.StatusNotFound, `{"message":"User not found"}`)
		s.clock.move(24 * time.Hour) // an expired token does not reveal that the account is erased
		s.get("/get_name", token).want(http.StatusUnauthorized, `{"message":"Invalid Authentication token!"}`)
	})
}

func TestDiaryRegister(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		a := s.json("POST", "/v1/user/register/", "", `{"username":"oluchiy","email":"oluch@example.com","password":"445hD#@%yu78"}`)
		id, _ := a.fields()["id"].(string)
		a.want(http.StatusCreated, `{"id":"`+id+`","username":"oluchiy","email":"oluch@example.com"}`)
		me := data[user](s.get("/users/", s.tutorialToken("oluchiy", "445hD#@%yu78")), "successfully retrieved user profile")
		if me.ID != id || me.Username != "oluchiy" || me.Name != "oluchiy" || me.Role != "user" {
			s.Errorf("the account is %+v", me)
		}
		const taken, email = `{"message":"username already exist"}`, `{"message":"email already exist"}`
		for _, c := range []struct{ username, email, want string }{
			{"oluchiy", "other@example.com", taken},
			{"OLUCHIY", "other@example.com", taken},
			{"oluchiy", "oluch@example.com", taken},
			{"other", "oluch@example.com", email},
			{"other", "Oluch@Example.com", email},
		} {
			body := fmt.Sprintf(`{"username":%q,"email":%q,"password":"445hD#@%%yu78"}`, c.username, c.email)
			s.json("POST", "/v1/user/register/", "", body).want(http.StatusBadRequest, c.want)
		}
		s.json("POST", "/v1/user/register", "", `{"username":"oluchi@example.com","email":"Oluchi@Example.com","password":"445hD#@%yu78"}`).
			wantStatus(http.StatusCreated) // a user name may equal the account's own address
		s.tutorialToken("oluchi@example.com", "445hD#@%yu78")
	})
}

// tutorialToken logs in with a user name through a tutorial's route, and returns the access token.
func (s *testServer) tutorialToken(username, password string) string {
	s.Helper()
	a := s.json("POST", "/auth", "", fmt.Sprintf(`{"username":%q,"password":%q}`, username, password)).wantStatus(http.StatusOK)
	return a.fields()["access_token"].(string)
}

func TestDiaryRegisterRefusals(t *testing.T) {
	const length, address = "must have 1 to 80 characters", "must be an e-mail address such as ada@example.com"
	body := func(username, email, password string) string {
		return fmt.Sprintf(`{"username":%s,"email":%s,"password":%s}`, username, email, password)
	}
	const username, email, pass = `"ada"`, `"ada@example.com"`, `"Abc@123"`
	const all = `{"username":["is required"],"email":["is required"],"password":["must have 7 to 200 characters"]}`
	eachEngine(t, func(s *testServer) {
		for _, c := range []struct{ body, want string }{
			{``, all},
			{`[]`, all},
			{`{"x":`, all},
			{body(`""`, email, pass), `{"username":["` + length + `"]}`},
			{body(`"`+strings.Repeat("é", 81)+`"`, email, pass), `{"username":["` + length + `"]}`},
			{body(`"a\u0007b"`, email, pass), `{"username":["must not have control characters or invisible characters"]}`},
			{body(`"eve@example.com"`, email, pass), `{"username":["must not have an @, unless it is your own e-mail address"]}`},
			{body(`7`, email, pass), `{"username":["must be text"]}`},
			{body(username, `"ada"`, pass), `{"email":["` + address + `"]}`},
			{body(username, `"`+strings.Repeat("a", 200)+`@example.com"`, pass), `{"email":["must have at most 200 characters"]}`},
			{body(username, email, `"445h"`), `{"password":["must have 7 to 200 characters"]}`},
			{body(username, `null`, `["Abc@123"]`), `{"email":["is required"],"password":["must be text"]}`},
		} {
			s.json("POST", "/v1/user/register/", "", c.body).want(http.StatusUnprocessableEntity, `{"errors":`+c.want+`}`)
		}
		s.register(strings.Repeat("é", 80), "ada@example.com")
		s.register("x", "x@example.com")
	})
}

func TestDiary(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		id := s.register("grace", "grace@example.com")
		a := s.json("POST", "/v1/user/login/", "", `{"email":"Grace@example.com","password":"Abc@123"}`).wantStatus(http.StatusOK)
		got, _ := a.fields()["data"].(map[string]any)
		access, refresh := fmt.Sprint(got["access_token"]), fmt.Sprint(got["refresh_token"])
		a.want(http.StatusOK, fmt.Sprintf(`{"status":"success","data":{"user_id":%q,"email":"grace@example.com",
			"access_token":%q,"refresh_token":%q}}`, id, access, refresh))
		info := `{"message":"welcome to your biodata page","id":"` + id + `","username":"grace","email":"grace@example.com"}`
		s.get("/v1/user/user_info/", access).want(http.StatusOK, info)

		// A client of the diary tutorial always sends the refresh token from its log-in, and its password too.
		tokens := map[string]bool{access: true}
		for range 3 {
			s.clock.move(time.Hour)
			a := s.json("POST", "/v1/user/refresh_token/", refresh, `{"email":"grace@example.com","password":"Abc@123"}`)
			token, _ := a.wantStatus(http.StatusOK).fields()["token"].(string)
			a.want(http.StatusOK, `{"token":"`+token+`"}`)
			s.get("/v1/user/user_info", token).want(http.StatusOK, info)
			tokens[token] = true
		}
		if len(tokens) != 4 {
			s.Errorf("%d different tokens, want 4", len(tokens))
		}
		all := s.sessions(access, "")
		if len(all) != 1 || all[0].LastUsedAt != *web.Timestamp(s.clock.now()) {
			s.Errorf("the sessions are %+v, want one, used now", all)
		}
		s.json("POST", "/v1/user/signout_access/", access, "").want(http.StatusOK, `{"message":"Successfully logged out"}`)
		for token := range tokens {
			s.get("/v1/user/user_info/", token).want(http.StatusUnauthorized, `{"status":"fail"}`)
		}
		s.json("POST", "/v1/user/refresh_token/", refresh, "").want(http.StatusUnauthorized, `{"message":"invalid user"}`)
	})
}

func TestDiaryUserInfoWithoutUsername(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.get("/v1/user/user_info/", ada.Token).want(http.StatusOK,
		`{"message":"welcome to your biodata page","id":"`+ada.ID+`","username":null,"email":"ada@example.com"}`)
}

func TestDiarySignOutTwiceAtOnce(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		_, pair := s.signUpGrace()
		ending := s.withHook(func() { s.json("POST", "/auth/logout", pair.Token, "").wantStatus(http.StatusOK) }, nil)
		ending.json("POST", "/v1/user/signout_access/", pair.Token, "").
			want(http.StatusBadRequest, `{"message":"Something bad occurred while trying to log you out"}`)
		s.wantSessionEnded(pair)
	})
}

// If /auth/refresh has replaced a refresh token, then after ten seconds the diary tutorial's refresh route, too, treats
// the replaced token as stolen.
func TestDiaryRefreshReplay(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		_, pair := s.signUpGrace()
		next := s.refresh(pair.RefreshToken)
		s.json("POST", "/v1/user/refresh_token/", pair.RefreshToken, "").wantStatus(http.StatusOK)
		s.clock.move(10 * time.Second)
		s.json("POST", "/v1/user/refresh_token/", next.RefreshToken, "").wantStatus(http.StatusOK)
		s.json("POST", "/v1/user/refresh_token/", pair.RefreshToken, "").want(http.StatusUnauthorized, `{"message":"invalid user"}`)
		s.wantSessionEnded(pair, next)
	})
}

// If a route of another tutorial rejects a token, the body of the answer is that tutorial's own. The headers are the
// same as on all routes.
func TestTutorialTokenRefusals(t *testing.T) {
	const missing, invalid = "Authentication Token is missing!", "Invalid Authentication token!"
	routes := []struct{ method, path, body string }{
		{"GET", "/protected", `{"status_code":401,"error":"Authorization Required","description":"%s"}`},
		{"GET", "/get_name", `{"message":"%s"}`},
		{"GET", "/v1/user/user_info/", `{"status":"fail"}`},
		{"POST", "/v1/user/refresh_token/", `{"message":"invalid user"}`},
		{"POST", "/v1/user/signout_access/", `{"message":"%s"}`},
	}
	eachEngine(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		for _, r := range routes {
			want := func(message string) string { return strings.Replace(r.body, "%s", message, 1) }
			for _, header := range []string{"", "Bearer", "JWT ", "Basic eDp5"} {
				a := s.do(call{method: r.method, path: r.path, header: map[string]string{"Authorization": header}})
				a.want(http.StatusUnauthorized, want(missing))
				a.wantHeader("WWW-Authenticate", "Bearer")
			}
			bad := badTokens(s, ada, eve)
			bad["the other kind"] = ada.RefreshToken
			if strings.Contains(r.path, "refresh") {
				bad["the other kind"] = ada.Token
			}
			for _, token := range bad {
				a := s.do(call{method: r.method, path: r.path, header: map[string]string{"Authorization": "JWT " + token}})
				a.want(http.StatusUnauthorized, want(invalid))
				a.wantHeader("WWW-Authenticate", `Bearer error="invalid_token", error_description="The token is malformed, forged or revoked"`)
			}
		}
	})
}

// Errors that the other tutorials do not have are answered as on all routes.
func TestTutorialRoutesOtherErrors(t *testing.T) {
	const disabled = `{"message":"Forbidden","data":null,"error":"The account is disabled"}`
	s := newServer(t, nil)
	_, pair := s.signUpGrace()
	s.do(call{method: "DELETE", path: "/users/", token: pair.Token}).wantStatus(http.StatusNoContent)
	for _, path := range []string{"GET /protected", "GET /get_name", "GET /v1/user/user_info/", "POST /v1/user/signout_access/"} {
		method, path, _ := strings.Cut(path, " ")
		s.do(call{method: method, path: path, token: pair.Token}).want(http.StatusForbidden, disabled)
	}
	s.json("POST", "/v1/user/refresh_token/", pair.RefreshToken, "").want(http.StatusForbidden, disabled)
	for _, path := range []string{"/auth", "/login", "/v1/user/login/", "/v1/user/register/"} {
		s.do(call{method: "POST", path: path, contentType: "image/png", body: "x"}).wantStatus(http.StatusUnsupportedMediaType)
		s.json("POST", path, "", `{"username":"`+strings.Repeat("a", web.MaxText)+`"}`).wantStatus(http.StatusRequestEntityTooLarge)
		s.do(call{method: "POST", path: path, contentType: "multipart/form-data; boundary=x", body: "x"}).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":"the body is malformed or was cut short"}`)
	}
	if err := s.services.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/auth", "/login", "/v1/user/login/"} {
		a := s.json("POST", path, "", `{"username":"grace","email":"grace@example.com","password":"Abc@123"}`)
		a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
		a.wantHeader("Retry-After", "2")
	}
}
