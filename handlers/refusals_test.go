package handlers

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

func TestUnknownRoute(t *testing.T) {
	s := newServer(t, nil)
	for _, path := range []string{"/nothing", "/users/nothing", "/books/1/2", "/static/books/", "/static/../main.go", "/docs/none.js"} {
		s.get(path, "").want(http.StatusNotFound, `{"message":"Endpoint Not Found","data":null,"error":"Not Found"}`)
	}
}

// Only a demo has the route that resets it.
func TestResetIsUnknown(t *testing.T) {
	newServer(t, nil).do(call{method: "POST", path: "/demo/reset"}).wantCode(http.StatusNotFound, "not_found")
}

func TestOtherMethod(t *testing.T) {
	s := newServer(t, nil)
	for path, allow := range map[string][]string{
		"/users/":       {"GET", "POST", "PUT", "PATCH", "DELETE"},
		"/users":        {"GET", "POST", "PUT", "DELETE"},
		"/users/login/": {"POST"},
		"/books/123456": {"GET", "PUT", "DELETE"},
		"/":             {"GET"},
	} {
		a := s.do(call{method: "LINK", path: path}) // a method of RFC 2068 that no route has
		got := a.wantStatus(http.StatusMethodNotAllowed).header.Get("Allow")
		for _, method := range allow {
			if !strings.Contains(got, method) {
				t.Errorf("%s: Allow: %s, want %s in it", path, got, method)
			}
		}
		a.want(http.StatusMethodNotAllowed,
			`{"message":"Method Not Allowed","data":null,"error":"this route allows `+got+`"}`)
		options := s.do(call{method: "OPTIONS", path: path}).wantStatus(http.StatusNoContent)
		options.wantHeader("Allow", got)
	}
}

// A request to /users/login with another method is not handled as one to /users/:id.
func TestOtherMethodOfUserRoutes(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/users/login", "POST"}, {"PUT", "/users/login/", "POST"}, {"PUT", "/users/all", "GET, HEAD"},
	} {
		s.do(call{method: c.method, path: c.path}).wantStatus(http.StatusMethodNotAllowed).wantHeader("Allow", c.allow)
	}
}

func TestBodyTooLarge(t *testing.T) {
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	ada := s.signedIn("ada@example.com")
	text := `{"name":"` + strings.Repeat("a", 1<<20) + `"}`
	const tooLarge = `{"message":"Request Entity Too Large","data":null,"error":"the limit is `
	s.json("POST", "/users/", "", text).want(http.StatusRequestEntityTooLarge, tooLarge+`256 KiB (262144 bytes)"}`)
	form := bookForm(t, "Notes")
	form[1].value = strings.Repeat("a", 64<<10)
	s.form("POST", "/books/", ada.Token, form...).want(http.StatusRequestEntityTooLarge, tooLarge+`64 KiB (65536 bytes)"}`)
	// A body without a Content-Length must be read to find out that it is too large.
	contentType, body := formBody(t, form...)
	s.chunked("POST", "/books/", ada.Token, contentType, body).
		want(http.StatusRequestEntityTooLarge, tooLarge+`64 KiB (65536 bytes)"}`)
}

func TestWrongMediaType(t *testing.T) {
	const refused = `{"message":"Unsupported Media Type","data":null,` +
		`"error":"send application/json, application/x-www-form-urlencoded or multipart/form-data"}`
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	id := s.addBook(ada.Token, "Notes").ID
	for _, contentType := range []string{"application/xml", "image/png", "application/octet-stream", "multipart/mixed; boundary=x"} {
		for _, c := range []call{
			{method: "POST", path: "/users/"},
			{method: "POST", path: "/users/login"},
			{method: "PUT", path: "/users/"},
			{method: "PATCH", path: "/users/"},
			{method: "PUT", path: "/users/password"},
			{method: "PUT", path: "/users/email"},
			{method: "DELETE", path: "/users/?erase=true"},
			{method: "POST", path: "/users/activate"},
			{method: "POST", path: "/users/password/forgot"},
			{method: "POST", path: "/users/password/reset"},
			{method: "POST", path: "/books/"},
			{method: "PUT", path: "/books/" + id},
		} {
			c.token, c.contentType, c.body = ada.Token, contentType, `{"name":"Ada Lovelace"}`
			s.do(c).want(http.StatusUnsupportedMediaType, refused)
		}
	}
}

func TestContentEncoding(t *testing.T) {
	s := newServer(t, nil)
	s.do(call{method: "POST", path: "/users/", header: map[string]string{"Content-Encoding": "gzip"}, body: "\x1f\x8b"}).
		want(http.StatusUnsupportedMediaType,
			`{"message":"Unsupported Media Type","data":null,"error":"send the body without Content-Encoding"}`)
}

// The names of a form's fields count towards the limit of its text. The number of parts and the size of their headers
// are limited too.
func TestLargeForms(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	const tooMuch, tooLong = "the limit of a form's text is 256 KiB (262144 bytes)",
		"the limit of the headers of a form's part is 4 KiB (4096 bytes)"
	a, b := strings.Repeat("a", 60<<10), strings.Repeat("b", 60<<10)
	for name, c := range map[string]struct {
		fields []field
		want   string
	}{
		"text":        {[]field{{name: "a", value: a + a + a}, {name: "b", value: b + b}}, tooMuch},
		"names":       {slices.Repeat([]field{{name: a[:3<<10]}}, 90), tooMuch},
		"a name":      {[]field{{name: a + b}}, tooLong},
		"a file name": {[]field{{name: "cover_image", value: "x", file: a + b}}, tooLong},
		"parts":       {slices.Repeat([]field{{name: "x", value: "y"}}, 101), "the form has more than 100 parts"},
	} {
		t.Run(name, func(t *testing.T) {
			s.form("POST", "/books/", ada.Token, c.fields...).want(http.StatusRequestEntityTooLarge,
				`{"message":"Request Entity Too Large","data":null,"error":"`+c.want+`"}`)
		})
	}
}

// The limit of headers is for each part of a form separately. Files other than the cover do not count towards the limit
// of text.
func TestLargestForm(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	form := append(slices.Repeat([]field{{name: "x", value: "y"}}, 95), bookForm(t, "Notes")...)
	unread := field{name: "another", value: strings.Repeat("a", 1<<20), file: strings.Repeat("a", 3<<10)}
	s.form("POST", "/books/", ada.Token, append(form, unread)...).wantStatus(http.StatusCreated)
}

// If an upload cannot be stored in a temporary file, the server answers 503.
func TestUploadWithoutTemporaryFolder(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	t.Setenv("TMPDIR", s.services.Config.DataDir+"/none")
	a := s.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...)
	a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
}

// The temporary file of an upload is removed when the request ends.
func TestTemporaryFileIsRemoved(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s.addBook(ada.Token, "Notes")
	s.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...).wantStatus(http.StatusBadRequest)
	contentType, body := formBody(t, bookForm(t, "More Notes")...)
	s.do(call{method: "POST", path: "/books/", token: ada.Token, contentType: contentType, body: body[:len(body)-9]}).
		wantStatus(http.StatusBadRequest)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v (%v)", left, err)
	}
}

// If a picture is sent to a route that takes no picture, no temporary file is left.
func TestUnexpectedPicture(t *testing.T) {
	s := newServer(t, nil)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // Windows
	ada := s.signedIn("ada@example.com")
	for _, c := range []call{
		{method: "POST", path: "/users/"},
		{method: "POST", path: "/users/login"},
		{method: "PUT", path: "/users/", token: ada.Token},
		{method: "PATCH", path: "/users/", token: ada.Token},
		{method: "POST", path: "/users/password/forgot"},
		{method: "POST", path: "/auth"},
		{method: "POST", path: "/auth/refresh"},
		{method: "POST", path: "/v1/user/register"},
	} {
		if a := s.form(c.method, c.path, c.token, bookForm(t, "Notes")...); a.status/100 != 4 {
			t.Errorf("%s %s: status %d, want 4xx", c.method, c.path, a.status)
		}
	}
	if files, err := os.ReadDir(temp); err != nil || len(files) > 0 {
		t.Errorf("files are left: %v, error %v", files, err)
	}
}

func TestMalformedForm(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	contentType, body := formBody(t, bookForm(t, "Notes")...)
	const cutShort = "the body is malformed or was cut short"
	const noBoundary = "the Content-Type has no boundary; leave the header to the client that makes the form"
	for _, c := range []struct{ contentType, body, want string }{
		{contentType, body[:len(body)/2], cutShort},
		{contentType, "no form at all", cutShort},
		{"multipart/form-data", body, noBoundary},
	} {
		s.do(call{method: "POST", path: "/books/?q=%zz", token: ada.Token, contentType: c.contentType, body: c.body}).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":"`+c.want+`"}`)
	}
	if n := s.coverCount(); n != 0 {
		t.Errorf("malformed forms left %d covers", n)
	}
}

// panickingBooks is a models.Books whose methods panic.
type panickingBooks struct{ models.Books }

// A panic is logged in full. The client gets only the request id, with which the operator can find the log line.
func TestPanic(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.services.Store = failingStore{s.services.Store, panickingBooks{}}
	s.start()
	a := s.do(call{
		method: "GET", path: "/books/0123456789abcdef01234567", token: ada.Token,
		header: map[string]string{"X-Request-Id": "an-id-of-the-client"},
	})
	a.want(http.StatusInternalServerError, `{"message":"Something went wrong","data":null,`+
		`"error":"Internal Server Error","request_id":"an-id-of-the-client"}`)
	a.wantHeader("X-Request-Id", "an-id-of-the-client")
	for _, want := range []string{"nil pointer", "books.go", "an-id-of-the-client"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not have %q", want)
		}
	}
}

// If the request id that a client sends could forge a log line, the server uses another one.
func TestRequestID(t *testing.T) {
	s := newServer(t, nil)
	for _, id := range []string{"", "short", "with space", strings.Repeat("a", 65), `quo"te-and-more`} {
		a := s.do(call{method: "GET", path: "/livez", header: map[string]string{"X-Request-Id": id}})
		if got := a.header.Get("X-Request-Id"); got == id || len(got) < 20 {
			t.Errorf("X-Request-Id %q for %q", got, id)
		}
	}
}

// Each request writes one line to the log. The line has the request id, route, status, bytes and time, but no secrets.
func TestLog(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	a := s.get("/books/0123456789abcdef01234567?token=in-the-query", ada.Token)
	for _, want := range []string{
		`"id":"` + a.header.Get("X-Request-Id") + `"`, `"method":"GET"`, `"route":"/books/:id"`, `"status":400`, `"bytes":`, `"took":`, `"ip":"127.0.0.1"`,
	} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not have %s: %s", want, s.log)
		}
	}
	s.get("/users/", ada.Token+"x").wantStatus(http.StatusUnauthorized)
	for _, secret := range []string{ada.Token, password, "in-the-query", "argon2"} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	requests := strings.Count(s.log.String(), `"msg":"request"`)
	if requests != 4 {
		t.Errorf("%d lines for 4 requests", requests)
	}
}
