package handlers

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bookplate/models"
)

func TestSignUp(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		u := s.signUp("Ada@Example.com")
		if u.Name != "Ada Lovelace" || u.Email != "Ada@Example.com" || !u.Active || u.Role != "user" || len(u.ID) != 24 {
			s.Errorf("signed up %+v", u)
		}
		me := data[user](s.get("/users/", s.login("ada@example.COM").Token), "successfully retrieved user profile")
		if me != u {
			s.Errorf("profile %+v, want %+v", me, u)
		}
	})
}

// A user name is optional and unique without regard to case.
func TestSignUpWithUsername(t *testing.T) {
	const body = `{"name":"Ada Lovelace","email":%q,"password":"Abc@123","username":%q}`
	eachEngine(t, func(s *testServer) {
		a := s.json("POST", "/users/", "", fmt.Sprintf(body, "ada@example.com", " Ada "))
		u := data[user](a.wantStatus(http.StatusCreated), "Successfully created new user")
		if u.Username != "Ada" || u.Name != "Ada Lovelace" {
			s.Errorf("signed up %+v", u)
		}
		me := data[user](s.get("/users/", s.tutorialToken("ada", password)), "successfully retrieved user profile")
		if me != u {
			s.Errorf("profile %+v, want %+v", me, u)
		}
		s.json("POST", "/users/", "", fmt.Sprintf(body, "other@example.com", "ADA")).
			want(http.StatusConflict, `{"message":"User already exists","data":null,"error":"Conflict"}`)
		s.json("POST", "/users/", "", fmt.Sprintf(body, "other@example.com", "ada@example.com")).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"username":"must not have an @, unless it is your own e-mail address"}}`)
		s.signUp("other@example.com")
		s.signUp("a.third@example.com") // accounts without a user name do not conflict
	})
}

// With a setting, the operator allows names with fewer words than the tutorial does.
func TestNameWords(t *testing.T) {
	const plato = `{"name":"Plato","email":"plato@example.com","password":"Abc@123"}`
	s := newServer(t, nil)
	s.json("POST", "/users/", "", plato).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"name":"must have 2 to 30 words"}}`)
	s = newServer(t, map[string]string{"NAME_WORDS": "1"})
	s.json("POST", "/users/", "", plato).wantStatus(http.StatusCreated)
	token := s.login("plato@example.com").Token
	s.json("PUT", "/users/", token, `{"name":"Aristocles"}`).wantStatus(http.StatusCreated)
	s.json("PATCH", "/users/", token, `{"name":" "}`).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"name":"must have 1 to 30 words"}}`)
}

// A sign-up ignores fields that a client may not set, and no answer contains a password.
func TestSignUpIgnoresUnknownFields(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		a := s.json("POST", "/users", "", `{"name":"Eve Mallory","email":"eve@example.com","password":"Abc@123",
			"role":"admin","_id":"000000000000000000000000","active":false,"cart":[]}`)
		u := data[user](a.wantStatus(http.StatusCreated), "Successfully created new user")
		if u.Role != "user" || !u.Active || u.ID == "000000000000000000000000" {
			s.Errorf("signed up %+v", u)
		}
		a.wantIgnored("_id", "active", "cart", "role")
		login := s.json("POST", "/users/login", "", `{"email":"eve@example.com","password":"Abc@123"}`)
		for _, body := range [][]byte{a.body, login.body} {
			if strings.Contains(string(body), "argon2") || strings.Contains(string(body), "password") {
				s.Errorf("an answer contains a password: %s", body)
			}
		}
	})
}

// The format of a body is recognised even if its Content-Type is wrong or missing.
func TestSignUpBodies(t *testing.T) {
	const asJSON = `{"name":"Ada Lovelace","email":"%s","password":"Abc@123"}`
	const asForm = `name=Ada+Lovelace&email=%s&password=Abc%%40123`
	eachEngine(t, func(s *testServer) {
		for i, c := range []struct{ contentType, body string }{
			{"application/json; charset=utf-8", asJSON},
			{"application/vnd.api+json", asJSON},
			{"", asJSON},
			{"text/plain;charset=UTF-8", asJSON},
			{"application/x-www-form-urlencoded", asJSON}, // curl -d without a header
			{"application/x-www-form-urlencoded", asForm},
			{"", asForm},
			{"application/json", "\ufeff" + asJSON},
			{"application/json", strings.Replace(asJSON, "{", `{"x":1e999,"y":[{}],`, 1)}, // unknown fields are not decoded
		} {
			body := fmt.Sprintf(c.body, fmt.Sprintf("ada%d@example.com", i))
			s.do(call{method: "POST", path: "/users/", contentType: c.contentType, body: body}).wantStatus(http.StatusCreated)
		}
		s.form("POST", "/users/", "", field{name: "name", value: "Ada Lovelace"},
			field{name: "email", value: "form@example.com"}, field{name: "password", value: password},
		).wantStatus(http.StatusCreated)
	})
}

func TestSignUpRefusals(t *testing.T) {
	const noDetails = `{"message":"Please provide user details","data":null,"error":"Bad request"}`
	const invalid = `{"message":"Invalid data","data":null,"error":%s}`
	const words, address = "must have 2 to 30 words", "must be an e-mail address such as ada@example.com"
	const kinds = "must have an upper-case letter, a lower-case letter, a digit and a symbol"
	ada := func(name, email, password string) string {
		return fmt.Sprintf(`{"name":%s,"email":%s,"password":%s}`, name, email, password)
	}
	const name, email, pass = `"Ada Lovelace"`, `"ada@example.com"`, `"Abc@123"`
	eachEngine(t, func(s *testServer) {
		for _, c := range []struct{ body, want string }{
			{``, noDetails},
			{`{}`, noDetails},
			{`[]`, noDetails},
			{`null`, noDetails},
			{`"text"`, noDetails},
			{`{"name":`, noDetails},
			{"{\"name\":\"Ada \xff\"}", noDetails},
			{`{"name":"Ada Lovelace"} {}`, noDetails},
			{`{"x":1}`, fmt.Sprintf(invalid, `{"name":"`+words+`","email":"is required","password":"must have 7 to 200 characters"}`)},
			{ada(`"Ada"`, email, pass), fmt.Sprintf(invalid, `{"name":"`+words+`"}`)},
			{ada(`" "`, email, pass), fmt.Sprintf(invalid, `{"name":"`+words+`"}`)},
			{ada(`"`+strings.Repeat("a ", 31)+`"`, email, pass), fmt.Sprintf(invalid, `{"name":"`+words+`"}`)},
			{ada(`7`, email, pass), fmt.Sprintf(invalid, `{"name":"must be text"}`)},
			{ada(`1e999`, email, pass), fmt.Sprintf(invalid, `{"name":"must be text"}`)},
			{ada(`"Ada\u0000 Lovelace"`, email, pass), fmt.Sprintf(invalid, `{"name":"must have no NUL character"}`)},
			{ada(name, `{"a":1}`, pass), fmt.Sprintf(invalid, `{"email":"must be text"}`)},
			{ada(name, email, `["Abc@123"]`), fmt.Sprintf(invalid, `{"password":"must be text"}`)},
			{ada(name, `"ada"`, pass), fmt.Sprintf(invalid, `{"email":"`+address+`"}`)},
			{ada(name, `"ada@example"`, pass), fmt.Sprintf(invalid, `{"email":"`+address+`"}`)},
			{ada(name, `"ada@example.com and more"`, pass), fmt.Sprintf(invalid, `{"email":"`+address+`"}`)},
			{ada(name, `"Ada <ada@example.com>"`, pass), fmt.Sprintf(invalid, `{"email":"`+address+`"}`)},
			{ada(name, `"`+strings.Repeat("a", 200)+`@example.com"`, pass), fmt.Sprintf(invalid, `{"email":"must have at most 200 characters"}`)},
			{ada(name, email, `"Ab@123"`), fmt.Sprintf(invalid, `{"password":"must have 7 to 200 characters"}`)},
			{ada(name, email, `"abc@123"`), fmt.Sprintf(invalid, `{"password":"`+kinds+`"}`)},
			{ada(name, email, `"ABC@123"`), fmt.Sprintf(invalid, `{"password":"`+kinds+`"}`)},
			{ada(name, email, `"Abc@xyz"`), fmt.Sprintf(invalid, `{"password":"`+kinds+`"}`)},
			{ada(name, email, `"Abcd123"`), fmt.Sprintf(invalid, `{"password":"`+kinds+`"}`)},
		} {
			s.json("POST", "/users/", "", c.body).want(http.StatusBadRequest, c.want)
		}
		s.signUp("ada@example.com")
		s.json("POST", "/users/", "", ada(name, `"ADA@example.com"`, pass)).
			want(http.StatusConflict, `{"message":"User already exists","data":null,"error":"Conflict"}`)
	})
}

func TestPasswordsThatTheTutorialRejects(t *testing.T) {
	s := newServer(t, nil)
	for i, password := range []string{"445hD#@%yu78", "#Abc123", "Abc123#", "Aa1€€€€", "Abc123 🔑", strings.Repeat("Abc@123", 28)} {
		body := fmt.Sprintf(`{"name":"Ada Lovelace","email":"ada%d@example.com","password":%q}`, i, password)
		s.json("POST", "/users/", "", body).wantStatus(http.StatusCreated)
		body = fmt.Sprintf(`{"email":"ada%d@example.com","password":%q}`, i, password)
		s.json("POST", "/users/login", "", body).wantStatus(http.StatusOK)
	}
}

func TestConcurrentEqualSignUps(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		statuses := map[int]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				a := s.json("POST", "/users/", "", `{"name":"Ada Lovelace","email":"ada@example.com","password":"Abc@123"}`)
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
			})
		}
		wg.Wait()
		if statuses[http.StatusCreated] != 1 || statuses[http.StatusConflict] != 99 {
			s.Errorf("statuses %v, want 201 once and 409 for the rest", statuses)
		}
	})
}

func TestRename(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		a := s.json("PUT", "/users/", ada.Token, `{"name":"  Augusta Ada King ","email":"other@example.com","role":"admin"}`)
		u := data[user](a.wantStatus(http.StatusCreated), "successfully updated account")
		if u.Name != "Augusta Ada King" || u.Email != "ada@example.com" || u.Role != "user" {
			s.Errorf("renamed to %+v", u)
		}
		me := data[user](s.get("/users", ada.Token), "successfully retrieved user profile")
		if me != u {
			s.Errorf("profile %+v, want %+v", me, u)
		}
	})
}

func TestRenameRefusals(t *testing.T) {
	const message = `"message":"Invalid data, you can only update your account name!","data":null`
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for _, c := range []struct{ body, want string }{
			{``, `{` + message + `,"error":"Bad Request"}`},
			{`{"email":"x@example.com"}`, `{` + message + `,"error":"Bad Request"}`},
			{`{"name":null}`, `{` + message + `,"error":"Bad Request"}`},
			{`{"name":"Ada"}`, `{` + message + `,"error":{"name":"must have 2 to 30 words"}}`},
			{`{"name":42}`, `{"message":"Invalid data","data":null,"error":{"name":"must be text"}}`},
		} {
			s.json("PUT", "/users/", ada.Token, c.body).want(http.StatusBadRequest, c.want)
		}
		me := data[user](s.get("/users/", ada.Token), "successfully retrieved user profile")
		if me.Name != "Ada Lovelace" {
			s.Errorf("a rejected rename changed the name to %q", me.Name)
		}
	})
}

// A disabled account cannot be used, and its address can be used for a new account.
func TestDisable(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.addBook(ada.Token, "Notes")
		a := s.do(call{method: "DELETE", path: "/users/", token: ada.Token}).wantStatus(http.StatusNoContent)
		if len(a.body) != 0 {
			s.Errorf("204 with a body: %s", a.body)
		}
		s.get("/users/", ada.Token).want(http.StatusForbidden,
			`{"message":"Forbidden","data":null,"error":"The account is disabled"}`)
		s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"Abc@123"}`).wantStatus(http.StatusNotFound)
		again := s.signedIn("ada@example.com")
		if again.ID == ada.ID {
			s.Error("the new account is the old one")
		}
		if books := data[[]book](s.get("/books/", again.Token), "successfully retrieved all books"); len(books) != 0 {
			s.Errorf("the new account has the old one's books: %+v", books)
		}
	})
}

func TestListUsers(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for i := range 4 {
			s.signUp(fmt.Sprintf("user%d@example.com", i))
		}
		s.get("/users/all", ada.Token).want(http.StatusForbidden,
			`{"message":"Forbidden","data":null,"error":"Only an administrator may do this"}`)
		s.setRole(ada.ID, models.RoleAdmin)
		all := data[[]user](s.get("/users/all", ada.Token), "successfully retrieved all users")
		if len(all) != 5 || all[0].Email != "ada@example.com" || all[4].Email != "user3@example.com" {
			s.Errorf("all users: %+v", all)
		}
		var paged []user
		for path := "/users/all?limit=2"; path != ""; {
			a := s.get(path, ada.Token)
			paged = append(paged, data[[]user](a, "successfully retrieved all users")...)
			path = s.nextPath(a)
		}
		if fmt.Sprint(paged) != fmt.Sprint(all) {
			s.Errorf("in pages: %+v, at once: %+v", paged, all)
		}
	})
}

// nextPath returns the path of the next page from the Link header, or "" if there is none.
func (s *testServer) nextPath(a answer) string {
	s.Helper()
	link := a.header.Get("Link")
	if link == "" {
		return ""
	}
	url, found := strings.CutSuffix(link, `>; rel="next"`)
	if !found || !strings.HasPrefix(url, "<") {
		s.Fatalf("Link: %s", link)
	}
	return s.pathOf(url[1:])
}
