package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// notInTrash is the answer for a book that is not in the trash.
const notInTrash = `{"message":"Book not found","data":null,"code":"not_found","error":"It is not in the trash"}`

// trashedBook is a book in the trash as clients see it.
type trashedBook struct {
	book
	TrashedAt string          `json:"trashed_at"`
	ExpiresAt *string         `json:"expires_at"`
	Reading   json.RawMessage `json:"reading"`
	OnLoan    int             `json:"on_loan"`
}

// moveToTrash moves a book to the trash.
func (s *testServer) moveToTrash(token, id string) {
	s.Helper()
	a := s.do(call{method: "DELETE", path: "/books/" + id + "?trash=true", token: token}).wantStatus(http.StatusNoContent)
	if len(a.body) > 0 {
		s.Errorf("204 with a body: %s", a.body)
	}
}

func (s *testServer) restore(token, id string) answer {
	s.Helper()
	return s.do(call{method: "POST", path: "/trash/" + id + "/restore", token: token})
}

// trash returns the books in the caller's trash. It reads them in pages of two.
func (s *testServer) trash(token string) (list []trashedBook) {
	s.Helper()
	for path := "/trash/?limit=2"; path != ""; {
		a := s.get(path, token).wantStatus(http.StatusOK)
		list = append(list, data[[]trashedBook](a, "successfully retrieved the trash")...)
		path = s.nextPath(a)
	}
	return list
}

// wantTrash checks the titles in the caller's trash.
func (s *testServer) wantTrash(token, want string) {
	s.Helper()
	var titles []string
	for _, b := range s.trash(token) {
		titles = append(titles, b.Title)
	}
	if got := strings.Join(titles, " "); got != want {
		s.Errorf("the trash has %q, want %q", got, want)
	}
}

// views returns the bodies of all lists as each of the users sees them.
func (s *testServer) views(tokens ...string) (all string) {
	s.Helper()
	for _, token := range tokens {
		for _, path := range []string{
			"/books/", "/books?scope=all&count=true", "/books?category=science&scope=all", "/books?sort=-title&scope=all",
			"/books?q=emma&scope=all&count=true", "/books?on_loan=true", "/books?sort=-rating&scope=all", "/books/facets?scope=all",
			"/shelves", "/shelves/wishlist/books", "/reading", "/stats?year=2020", "/loans", "/loans?direction=borrowed",
		} {
			a := s.get(path, token).wantStatus(http.StatusOK)
			all += fmt.Sprintf("%s %s\n%s\n", path, a.header.Get("X-Total-Count"), a.body)
		}
	}
	return all
}

// A book in the trash is in nobody's lists or counts. When it is restored, everything is as before.
func TestTrash(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		s.addBook(ada.Token, "Dune")
		without := s.views(ada.Token, bob.Token)
		b := s.addBook(ada.Token, "Emma")
		for _, u := range []user{ada, bob} {
			s.json("PUT", "/books/"+b.ID+"/reading", u.Token, `{"status":"read","rating":4,"reads":[{"finished":"2020-05-01"}]}`).wantStatus(http.StatusOK)
			s.shelve(u.Token, "wishlist", b.ID)
		}
		s.lend(ada.Token, b.ID, `{"to":"bob@example.com","due":"`+s.day(7)+`"}`)
		with, tag := s.views(ada.Token, bob.Token), s.tagOf(ada.Token, b.ID)
		s.clock.move(time.Minute)
		s.moveToTrash(ada.Token, b.ID)
		if got := s.views(ada.Token, bob.Token); got != without {
			s.Errorf("with a book in the trash\n%s\nwant\n%s", got, without)
		}
		for _, path := range []string{"", "/cover", "/reading", "/loans"} {
			s.get("/books/"+b.ID+path, ada.Token).wantStatus(http.StatusNotFound)
		}
		s.get("/shelves/wishlist/books/"+b.ID, bob.Token).wantStatus(http.StatusNotFound)
		s.json("PATCH", "/books/"+b.ID, ada.Token, `{"pages":3}`).wantCode(http.StatusNotFound, "not_found")
		s.do(call{method: "DELETE", path: "/books/" + b.ID, token: ada.Token}).wantCode(http.StatusNotFound, "not_found")
		s.do(call{method: "DELETE", path: "/books/" + b.ID + "?trash=true", token: ada.Token}).wantCode(http.StatusNotFound, "not_found")

		list := s.trash(ada.Token)
		if len(list) != 1 || list[0].book != b || list[0].OnLoan != 1 || !strings.Contains(string(list[0].Reading), `"rating":4`) ||
			list[0].TrashedAt != s.clock.now().Format("2006-01-02T15:04:05.000Z") ||
			list[0].ExpiresAt == nil || *list[0].ExpiresAt != s.clock.now().AddDate(0, 0, 30).Format("2006-01-02T15:04:05.000Z") {
			s.Errorf("the trash is %+v", list)
		}
		s.wantTrash(bob.Token, "")
		s.sweep()
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK)

		a := s.restore(ada.Token, b.ID).wantStatus(http.StatusOK)
		if got := data[book](a, "successfully restored a book"); got != b || a.header.Get("ETag") != tag {
			s.Errorf("restored %+v, ETag %s; want %+v, ETag %s", got, a.header.Get("ETag"), b, tag)
		}
		if got := s.views(ada.Token, bob.Token); got != with {
			s.Errorf("after restoring\n%s\nwant\n%s", got, with)
		}
		s.wantTrash(ada.Token, "")
		s.restore(ada.Token, b.ID).want(http.StatusNotFound, notInTrash)
	})
}

// Deleting a book from the trash also deletes its cover and everything that users have stored about it.
func TestDeleteFromTheTrash(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		for i, id := range ids {
			s.json("PUT", "/books/"+id+"/reading", bob.Token, `{"status":"want"}`).wantStatus(http.StatusOK)
			s.clock.move(time.Second)
			s.moveToTrash(ada.Token, id)
			s.wantTrash(ada.Token, []string{"Emma", "Dune Emma", "Carrie Dune Emma"}[i])
		}
		s.moveToTrash(bob.Token, s.addBook(bob.Token, "Bob's").ID)
		s.do(call{method: "DELETE", path: "/trash/" + ids[1], token: ada.Token}).wantStatus(http.StatusNoContent)
		s.do(call{method: "DELETE", path: "/trash/" + ids[1], token: ada.Token}).want(http.StatusNotFound, notInTrash)
		s.restore(ada.Token, ids[1]).want(http.StatusNotFound, notInTrash)
		s.wantTrash(ada.Token, "Carrie Emma")
		if n := s.coverCount(); n != 3 {
			s.Errorf("%d covers, want 3", n)
		}
		for i := range 7 { // more than package library deletes in one batch
			s.moveToTrash(ada.Token, s.addBook(ada.Token, fmt.Sprint("Volume ", i)).ID)
		}
		s.do(call{method: "DELETE", path: "/trash/", token: ada.Token}).wantStatus(http.StatusNoContent)
		s.do(call{method: "DELETE", path: "/trash", token: ada.Token}).wantStatus(http.StatusNoContent)
		s.wantTrash(ada.Token, "")
		s.wantTrash(bob.Token, "Bob's")
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers, want 1", n)
		}
		if got := data[[]book](s.get("/reading", bob.Token), "successfully retrieved your reading"); len(got) != 0 {
			s.Errorf("readings of deleted books: %+v", got)
		}
	})
}

func TestRestoreOntoATakenTitle(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		const title = "„Emma“ \"1\""
		addTitled := func() string {
			a := s.form("POST", "/books/", ada.Token, bookForm(s.TB, title)...)
			return data[book](a.wantStatus(http.StatusCreated), "successfully created a new book").ID
		}
		first := addTitled()
		s.moveToTrash(ada.Token, first)
		second := addTitled()
		s.restore(ada.Token, first).want(http.StatusConflict, `{"message":"Conflict","data":null,"code":"title_taken","error":
			"there is another book with the title \"„Emma“ \\\"1\\\"\" by now: rename it or move it to the trash, and then restore this one"}`)
		s.wantTrash(ada.Token, title)
		s.moveToTrash(ada.Token, second)
		s.restore(ada.Token, first).wantStatus(http.StatusOK)
		s.json("PATCH", "/books/"+first, ada.Token, `{"title":"Emma I"}`).wantStatus(http.StatusOK)
		s.restore(ada.Token, second).wantStatus(http.StatusOK)
	})
}

func TestTrashRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		for _, trash := range []string{"yes", "", "TRUe", "2"} {
			s.do(call{method: "DELETE", path: "/books/" + id + "?trash=" + trash, token: ada.Token}).want(http.StatusBadRequest,
				`{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"trash":"must be true or false"}}`)
		}
		s.do(call{method: "DELETE", path: "/books/" + id + "?Trash=true", token: ada.Token}).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"Trash":"is unknown; this route has trash"}}`)
		tag := s.tagOf(ada.Token, id)
		s.json("PATCH", "/books/"+id, ada.Token, `{"pages":3}`).wantStatus(http.StatusOK)
		s.ifMatch(tag, "DELETE", "/books/"+id+"?trash=true", ada.Token, "").wantCode(http.StatusPreconditionFailed, "precondition_failed")
		s.ifMatch("nonsense", "DELETE", "/books/"+id+"?trash=true", ada.Token, "").wantCode(http.StatusBadRequest, "invalid_fields")
		for _, unknown := range []string{id, strings.Repeat("0", 24), "x"} {
			s.restore(ada.Token, unknown).want(http.StatusNotFound, notInTrash)
			s.do(call{method: "DELETE", path: "/trash/" + unknown, token: ada.Token}).want(http.StatusNotFound, notInTrash)
		}
		s.get("/trash?limit=0&cursor=x", ada.Token).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,
			"error":{"limit":"must be a number from 1 to 1000","cursor":"must be one from a Link header"}}`)
		s.wantTrash(ada.Token, "")
		s.get("/books/"+id, ada.Token).wantStatus(http.StatusOK)
		s.ifMatch(s.tagOf(ada.Token, id), "DELETE", "/books/"+id+"?trash=1", ada.Token, "").wantStatus(http.StatusNoContent)
		s.wantTrash(ada.Token, "Emma")
		s.do(call{method: "DELETE", path: "/books/" + s.addBook(ada.Token, "Dune").ID + "?trash=false", token: ada.Token}).wantStatus(http.StatusNoContent)
		s.wantTrash(ada.Token, "Emma")
	})
}

// Librarians and administrators may move any book to its owner's trash and restore it, which the audit log records. They may
// not delete it.
func TestLibrariansAndTheTrash(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		lib, root := s.signedInAs("lib@example.com", models.RoleLibrarian), s.signedInAs("root@example.com", models.RoleAdmin)
		gone := s.signedIn("gone@example.com")
		s.deleteAccount(gone.Token, "").wantStatus(http.StatusNoContent) // which disables it
		id := s.addBook(ada.Token, "Emma").ID
		const notMine = `{"message":"Book not found for user","data":null,"error":"Not found"}`
		s.do(call{method: "DELETE", path: "/books/" + id + "?trash=true", token: bob.Token}).want(http.StatusNotFound, notMine)
		for _, editor := range []user{lib, root} {
			s.moveToTrash(editor.Token, id)
			s.wantTrash(ada.Token, "Emma")
			s.wantTrash(editor.Token, "")
			s.restore(bob.Token, id).want(http.StatusNotFound, notInTrash)
			for _, token := range []string{bob.Token, editor.Token} {
				s.do(call{method: "DELETE", path: "/trash/" + id, token: token}).want(http.StatusNotFound, notInTrash)
				s.do(call{method: "DELETE", path: "/trash", token: token}).wantStatus(http.StatusNoContent)
			}
			for _, request := range []call{
				{method: "GET", path: "/trash"},
				{method: "DELETE", path: "/trash"},
				{method: "DELETE", path: "/trash/" + id},
				{method: "POST", path: "/trash/" + id + "/restore"},
			} {
				request.token = gone.Token
				s.do(request).wantStatus(http.StatusForbidden)
			}
			if got := data[book](s.restore(editor.Token, id).wantStatus(http.StatusOK), "successfully restored a book"); got.UserID != ada.ID {
				s.Errorf("restored to %s, want %s", got.UserID, ada.ID)
			}
		}
		s.moveToTrash(ada.Token, id) // not recorded, because it is her own
		s.restore(ada.Token, id).wantStatus(http.StatusOK)
		var got []string
		for _, e := range data[[]entry](s.get("/audit", root.Token), "successfully retrieved the audit log") {
			if e.TargetID == id {
				got = append(got, map[string]string{lib.ID: "lib", root.ID: "root"}[e.ActorID]+" "+e.Action+" "+e.Detail)
			}
		}
		if want := "[root book.change restore root book.change trash lib book.change restore lib book.change trash]"; fmt.Sprint(got) != want {
			s.Errorf("the audit log has %v, want %s", got, want)
		}
	})
}

// Erasing an account deletes its trash. It also deletes the account's reading records of books in the trash of others.
func TestErasureEmptiesTheTrash(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		id, kept := s.addBook(ada.Token, "Emma").ID, s.addBook(bob.Token, "Dune").ID
		s.moveToTrash(ada.Token, id)
		s.json("PUT", "/books/"+kept+"/reading", ada.Token, `{"status":"read","rating":4}`).wantStatus(http.StatusOK)
		s.moveToTrash(bob.Token, kept)
		s.deleteAccount(ada.Token, "?erase=true").wantStatus(http.StatusNoContent)
		if _, err := s.services.Store.Trash().Get(s.Context(), models.ID(id)); models.CodeOf(err) != models.NotFound {
			s.Errorf("the trash of an erased account: error %v, want NotFound", err)
		}
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers are left, want 1", n)
		}
		s.restore(bob.Token, kept).wantStatus(http.StatusOK)
		_, err := s.services.Store.Readings().Get(s.Context(), models.ReadingKey{UserID: models.ID(ada.ID), BookID: models.ID(kept)})
		if models.CodeOf(err) != models.NotFound {
			s.Errorf("the reading of an erased account: error %v, want NotFound", err)
		}
	})
}

// With TRASH_DAYS=off, a book in the trash shows no date of deletion.
func TestTrashIsKept(t *testing.T) {
	s := newServer(t, map[string]string{"TRASH_DAYS": "off"})
	ada := s.signedIn("ada@example.com")
	s.moveToTrash(ada.Token, s.addBook(ada.Token, "Emma").ID)
	if list := s.trash(ada.Token); len(list) != 1 || list[0].ExpiresAt != nil {
		s.Errorf("the trash is %+v", list)
	}
}
