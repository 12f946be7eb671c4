package tests

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// logLine is the line of a request in the log.
type logLine struct {
	Msg    string `json:"msg"`
	ID     string `json:"id"`
	Method string `json:"method"`
	Route  string `json:"route"`
	Status int    `json:"status"`
	Bytes  int    `json:"bytes"`
	Took   int64  `json:"took"` // nanoseconds
}

func TestOneLogLineForEachRequest(t *testing.T) {
	t.Parallel()
	s := startServer(t, "LOG_FORMAT=json")
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Emma")
	for _, c := range []struct {
		r      request
		status int
		route  string
	}{
		{get("/books/"+b.ID+"?_=1", ada.Token), http.StatusOK, "/books/:id"},
		{get("/books/none", ada.Token), http.StatusNotFound, "/books/:id"},
		{get(strings.TrimPrefix(b.ImageURL, "http://"+s.addr), ""), http.StatusOK, "/static/books/:name"},
		{withForm("PUT", "/books/"+b.ID, ada.Token, picture), http.StatusCreated, "/books/:id"},
		{request{method: "DELETE", path: "/books/" + b.ID + "/", token: ada.Token}, http.StatusNoContent, "/books/:id/"},
		{get("/users", ""), http.StatusUnauthorized, "/users"},
		{signUp("ada@example.com"), http.StatusConflict, "/users/"},
		{get("/no/such/route", ""), http.StatusNotFound, ""},
		{request{method: "PATCH", path: "/books/"}, http.StatusMethodNotAllowed, ""},
	} {
		a := s.do(c.r, c.status)
		want := logLine{"request", a.header.Get("X-Request-Id"), c.r.method, c.route, a.status, len(a.body), 0}
		lines := s.logLines(want.ID)
		if len(lines) != 1 || lines[0].Took <= 0 {
			t.Fatalf("%s %s: %d lines in the log, %+v", c.r.method, c.r.path, len(lines), lines)
		}
		lines[0].Took = 0
		if lines[0] != want {
			t.Errorf("%s %s: logged %+v, want %+v", c.r.method, c.r.path, lines[0], want)
		}
	}
}

// logLines returns the log lines of a request. It waits for them, because the log line follows the answer.
func (s *server) logLines(id string) (lines []logLine) {
	s.Helper()
	s.eventually("the request is logged", func() bool { return id != "" && strings.Contains(s.stdout.String(), id) })
	for text := range strings.Lines(s.stdout.String()) {
		var line logLine
		if err := json.Unmarshal([]byte(text), &line); err != nil && strings.HasSuffix(text, "\n") {
			s.Errorf("not JSON: %v: %s", err, text)
		}
		if line.ID == id {
			lines = append(lines, line)
		}
	}
	return lines
}

// The log has no secret that a client sends. This holds for every part of a request, and for requests that fail.
func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	const wrong, inQuery = "Wrong@Secret-1", "Query@Secret-2"
	for _, format := range []string{"text", "json"} {
		s := startServer(t, "LOG_FORMAT="+format, "SECRET_KEY="+sharedSecret)
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Emma")
		for _, r := range []request{
			get("/users/?token="+ada.Token+"&password="+inQuery, ada.Token),
			get("/books/?cursor="+inQuery, ada.Token),
			get("/books/"+ada.Token, ada.Token),
			get("/no/such/route/"+ada.Token+"?secret="+inQuery, ""),
			get("/static/books/"+inQuery, ""),
			get("/users/", ada.Token+"x"),
			get("/users/", wrong),
			signUp("ada@example.com"),
			withJSON("POST", "/users/", "", `{"name":"Ada Lovelace","email":"b@example.com","password":"Short-Secret"}`),
			withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"`+wrong+`"}`),
			withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"`+wrong),
			withForm("POST", "/users/login", "", "", "email", wrong, "password", wrong),
			withForm("PUT", "/books/"+b.ID, ada.Token, wrong, "title", "Emma"),
			withJSON("PUT", "/users/", ada.Token, `{"password":"`+wrong+`"}`),
			{method: "POST", path: "/auth/logout", token: ada.Token},
			get("/users/", ada.Token),
		} {
			a, err := s.send(r)
			if err != nil {
				t.Fatal(err)
			}
			s.eventually("the request is logged", func() bool {
				return strings.Contains(s.stdout.String(), a.header.Get("X-Request-Id"))
			})
		}
		signature := ada.Token[strings.LastIndexByte(ada.Token, '.')+1:]
		log := s.stdout.String() + s.stderr.String()
		for _, secret := range []string{password, wrong, inQuery, "Short-Secret", signature, sharedSecret, "argon2"} {
			if strings.Contains(log, secret) {
				t.Errorf("the log (%s) has %q", format, secret)
			}
		}
	}
}
