package handlers

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A client can tell errors apart by their codes. checkDocumented verifies that the OpenAPI document lists each code.
func TestErrorCodes(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.json("PATCH", "/users/", ada.Token, `{"username":"ada"}`).wantStatus(http.StatusOK)
	s.signUp("bob@example.com")
	notes, emma := s.addBook(ada.Token, "Notes"), s.addBook(ada.Token, "Emma")

	s.get("/users/", "").wantCode(http.StatusUnauthorized, "token_missing")
	s.get("/users/", "garbage").wantCode(http.StatusUnauthorized, "token_invalid")
	s.json("POST", "/users/login", "", `{"email":"ada@example.com","password":"no"}`).
		wantCode(http.StatusNotFound, "wrong_credentials")
	s.json("POST", "/users/login", "", ``).wantCode(http.StatusBadRequest, "body_empty")
	s.json("POST", "/users/", "", `{"name":"Ada"}`).wantCode(http.StatusBadRequest, "invalid_fields")
	s.json("POST", "/users/", "", `{"name":"Eve Ada","email":"ada@example.com","username":"eve","password":"Abc@123"}`).
		wantCode(http.StatusConflict, "email_taken")
	s.json("POST", "/users/", "", `{"name":"Eve Ada","email":"eve@example.com","username":"Ada","password":"Abc@123"}`).
		wantCode(http.StatusConflict, "username_taken")
	s.json("PUT", "/users/", ada.Token, `{}`).wantCode(http.StatusBadRequest, "nothing_to_change")
	s.json("PUT", "/users/", ada.Token, `{"name":"Ada"}`).wantCode(http.StatusBadRequest, "invalid_fields")
	s.get("/users/all", ada.Token).wantCode(http.StatusForbidden, "admin_required")

	s.form("POST", "/books/", ada.Token, bookForm(t, "Notes")...).wantCode(http.StatusBadRequest, "title_taken")
	s.json("PUT", "/books/"+emma.ID, ada.Token, `{"title":"Notes"}`).wantCode(http.StatusBadRequest, "title_taken")
	s.form("POST", "/books/", ada.Token, field{name: "title", value: "Dune"}).
		wantCode(http.StatusBadRequest, "cover_missing")
	s.get("/books/0123456789abcdef01234567", ada.Token).wantCode(http.StatusNotFound, "not_found")
	s.get("/nothing", "").wantCode(http.StatusNotFound, "not_found")
	s.json("POST", "/books/"+notes.ID, ada.Token, `{}`).wantCode(http.StatusMethodNotAllowed, "method_not_allowed")
	s.do(call{method: "POST", path: "/users/", contentType: "image/png", body: "x"}).
		wantCode(http.StatusUnsupportedMediaType, "unsupported_media_type")
	s.json("POST", "/users/", "", strings.Repeat(" ", 1<<20)).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	s.get("/users/activate/unknown", "").wantCode(http.StatusNotFound, "link_invalid")

	s.clock.move(25 * time.Hour)
	s.get("/users/", ada.Token).wantCode(http.StatusUnauthorized, "token_expired")
}

// The answer to a body that is not a JSON object has the contract's message and error. Only its hint says where the
// body is malformed.
func TestMalformedJSON(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	const notJSON = "the body is not JSON, see "
	for body, want := range map[string]string{
		"{\"name\": \"Ada\",\n}":     notJSON + "line 2, column 1: invalid character '}' looking for beginning of object key string",
		"{\n  \"name\" \"Ada\"\n}":   notJSON + "line 2, column 10: invalid character '\"' after object key",
		"\n\n {\"name\": 'Ada'}":     notJSON + "line 3, column 11: invalid character '\\'' looking for beginning of value",
		`{"é": 1 "b"}`:               notJSON + "line 1, column 9: invalid character '\"' after object key:value pair",
		"\ufeff{\"name\":":           notJSON + "line 1, column 8: unexpected end of JSON input",
		"{\"name\": \"Ada\nK\"}":     notJSON + "line 1, column 14: invalid character '\\n' in string literal",
		`{} {}`:                      notJSON + "line 1, column 4: invalid character '{' after top-level value",
		"{\"name\": \"\ufffd\xff\"}": "the body is not UTF-8, see line 1, column 12",
		`["Ada"]`:                    "send a JSON object instead of the JSON array",
		`"Ada"`:                      "send a JSON object instead of the JSON string",
		`null`:                       "send a JSON object instead of null",
		``:                           "",
		`{}`:                         "",
	} {
		s.json("POST", "/users/", "", body).want(http.StatusBadRequest, `{"message":"Please provide user details",`+
			`"data":null,"code":"body_empty","error":"Bad request"`+hintJSON(t, want)+`}`)
	}
	for body, want := range map[string]string{
		"Ada":      "the body is neither a JSON object nor a form",
		"name=%zz": `the body is not an urlencoded form: invalid URL escape "%zz"`,
	} {
		s.do(call{method: "POST", path: "/users/", body: body}).want(http.StatusBadRequest,
			`{"message":"Please provide user details","data":null,"error":"Bad request"`+hintJSON(t, want)+`}`)
	}
	// Other routes give the same kind of hint.
	s.json("PUT", "/users/password", ada.Token, `{"old_password": `).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"new_password":"must have 7 to 200 characters","old_password":"is required"}`+
			hintJSON(t, notJSON+"line 1, column 17: unexpected end of JSON input")+`}`)
}

// hintJSON returns the field hint of an envelope as JSON, or an empty text if there is no hint.
func hintJSON(t testing.TB, hint string) string {
	t.Helper()
	if hint == "" {
		return ""
	}
	return `,"hint":` + string(marshal(t, hint))
}

// Every answer, success or error, names the fields of the body that the server ignored, so that a client notices a
// misspelled field.
func TestIgnoredFields(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	file := field{name: "title", value: "x", file: "title.txt"}
	cover := field{name: "cover_image", value: picture(t, 20, 20), file: "cover.jpg"}
	s.form("POST", "/books/", ada.Token, append(bookForm(t, "Notes"), field{name: "user_id", value: "7"}, file)...).
		wantStatus(http.StatusCreated).wantIgnored("title", "user_id")
	s.form("POST", "/books/", ada.Token, bookForm(t, "Emma")...).wantStatus(http.StatusCreated).wantIgnored()
	s.form("PATCH", "/users/", ada.Token, field{name: "name", value: "Ada King"}, cover).
		wantStatus(http.StatusOK).wantIgnored("cover_image")
	s.json("POST", "/users/login", "", `{"Email":"ada@example.com","password":"Abc@123"}`).
		wantStatus(http.StatusBadRequest).wantIgnored("Email")
	s.do(call{method: "PUT", path: "/users/", token: ada.Token, body: "name=Ada+Byron&nick=ada"}).
		wantStatus(http.StatusCreated).wantIgnored("nick")
	s.get("/users/", ada.Token).wantIgnored()
}

// wantIgnored checks the names in the answer's field ignored.
func (a answer) wantIgnored(names ...string) {
	a.Helper()
	var envelope struct{ Ignored []string }
	if err := json.Unmarshal(a.body, &envelope); err != nil || !slices.Equal(envelope.Ignored, names) {
		a.Errorf("want the ignored fields %v: %s", names, a.body)
	}
}
