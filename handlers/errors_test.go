package handlers

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client can tell errors apart by their codes. The OpenAPI document lists them; see checkDocumented.
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
	s.json("PATCH", "/books/"+notes.ID, ada.Token, `{}`).wantCode(http.StatusMethodNotAllowed, "method_not_allowed")
	s.do(call{method: "POST", path: "/users/", contentType: "image/png", body: "x"}).
		wantCode(http.StatusUnsupportedMediaType, "unsupported_media_type")
	s.json("POST", "/users/", "", strings.Repeat(" ", 1<<20)).wantCode(http.StatusRequestEntityTooLarge, "too_large")
	s.get("/users/activate/unknown", "").wantCode(http.StatusNotFound, "link_invalid")

	s.clock.move(25 * time.Hour)
	s.get("/users/", ada.Token).wantCode(http.StatusUnauthorized, "token_expired")
}
