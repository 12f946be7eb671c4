package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bookplate/models"
)

// similar returns the titles of the similar books that the answer to a new book lists.
func (a answer) similar() (titles []string) {
	a.Helper()
	var body struct{ Similar []book }
	if err := json.Unmarshal(a.wantStatus(http.StatusCreated).body, &body); err != nil {
		a.Fatal(err)
	}
	for _, b := range body.Similar {
		titles = append(titles, b.Title)
	}
	return titles
}

// duplicates returns the groups of similar books, each in the form "same count: title, title". It reads one group a page.
func (s *testServer) duplicates(token string) (groups []string) {
	s.Helper()
	type group struct {
		Same  string
		Count int
		Books []book
	}
	for path := "/books/duplicates/?limit=1"; path != ""; {
		a := s.get(path, token).wantStatus(http.StatusOK)
		for _, g := range data[[]group](a, "successfully retrieved all duplicates") {
			var titles []string
			for _, b := range g.Books {
				titles = append(titles, b.Title)
			}
			groups = append(groups, fmt.Sprintf("%s %d: %s", g.Same, g.Count, strings.Join(titles, ", ")))
		}
		path = s.nextPath(a)
	}
	return groups
}

func (s *testServer) merge(token, kept string, from ...string) answer {
	s.Helper()
	body, err := json.Marshal(map[string]any{"from": from})
	if err != nil {
		s.Fatal(err)
	}
	return s.json("POST", "/books/"+kept+"/merge/", token, string(body))
}

func TestDuplicates(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		for _, step := range []struct{ body, similar string }{
			{`{"title":"Germinal","authors":["Émile Zola"],"isbn":"0306406152"}`, ""},
			{`{"title":"GERMINAL ","authors":["Anonymous","emile zola"]}`, "Germinal"},
			{`{"title":"Germinal, a novel","isbn":"978-0-306-40615-7"}`, "Germinal"},
			{`{"title":"Germinal"}`, ""},
			{`{"title":"Nana","authors":["Émile Zola"]}`, ""},
		} {
			if got := strings.Join(s.json("POST", "/books/", ada.Token, step.body).similar(), ", "); got != step.similar {
				s.Errorf("%s is similar to %q, want %q", step.body, got, step.similar)
			}
		}
		a := s.json("POST", "/books/", eve.Token, `{"title":"Germinal","authors":["Émile Zola"]}`).wantStatus(http.StatusCreated)
		if strings.Contains(string(a.body), "similar") {
			s.Errorf("the answer has similar books of another account: %s", a.body)
		}
		want := []string{"isbn 2: Germinal, Germinal, a novel", "title_and_author 2: Germinal, GERMINAL"}
		if got := s.duplicates(ada.Token); fmt.Sprint(got) != fmt.Sprint(want) {
			s.Errorf("the duplicates are %q, want %q", got, want)
		}
		if got := s.duplicates(eve.Token); got != nil {
			s.Errorf("the duplicates of another account are %q", got)
		}
	})
}

// A merge keeps everything that users have stored about the books, and one of the covers.
func TestMerge(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		added := s.json("POST", "/books/", ada.Token, `{"title":"Emma"}`).wantStatus(http.StatusCreated)
		kept := data[book](added, "successfully created a new book")
		other, third := s.addBook(ada.Token, "Emma again"), s.addBook(ada.Token, "Emma once more")
		s.json("PATCH", "/books/"+other.ID, ada.Token, `{"authors":["Jane Austen"],"tags":["novel"]}`).wantStatus(http.StatusOK)
		s.shelve(bob.Token, "wishlist", other.ID)
		s.reading("PUT", bob.Token, kept.ID, `{"status":"want","review":"Soon."}`).wantStatus(http.StatusOK)
		s.reading("PUT", bob.Token, other.ID, `{"status":"read","rating":4.5,"review":"Good."}`).wantStatus(http.StatusOK)
		s.lend(ada.Token, kept.ID, `{"to":"Grace"}`)
		s.lend(ada.Token, other.ID, `{"to":"Charles"}`)

		before := s.coverCount()
		a := s.merge(ada.Token, kept.ID, other.ID, strings.ToUpper(other.ID), third.ID).wantStatus(http.StatusOK)
		merged := data[detailed](a, "successfully merged the books")
		if merged.ID != kept.ID || merged.Title != "Emma" || fmt.Sprint(merged.Authors, merged.Tags, merged.Copies) != "[Jane Austen] [novel] 3" {
			s.Errorf("merged into %+v", merged)
		}
		if merged.ImageURL != other.ImageURL || s.coverCount() != before/2 {
			s.Errorf("the cover is %s, want %s; there are %d pictures, before there were %d", merged.ImageURL, other.ImageURL, s.coverCount(), before)
		}
		s.get(s.pathOf(merged.ImageURL), "").wantStatus(http.StatusOK)
		s.get("/books/"+other.ID, ada.Token).wantStatus(http.StatusNotFound)
		if got := s.get("/shelves/wishlist/books/", bob.Token).shelfTitles(); got != "Emma" {
			s.Errorf("the shelf has %s", got)
		}
		if got := s.loans("/books/"+kept.ID+"/loans", ada.Token); got != "Emma:open Emma:open" {
			s.Errorf("the loans are %s", got)
		}
		reading := string(s.reading("GET", bob.Token, kept.ID, "").wantStatus(http.StatusOK).body)
		for _, want := range []string{`"status":"read"`, `"rating":4.5`, `"review":"Soon.\n\nGood."`} {
			if !strings.Contains(reading, want) {
				s.Errorf("the reading is %s, want %s", reading, want)
			}
		}
		again := s.merge(ada.Token, kept.ID, other.ID).wantStatus(http.StatusOK)
		if got := data[detailed](again, "successfully merged the books"); got.Copies != 3 {
			s.Errorf("the same merge once more gives %+v", got)
		}
	})
}

func TestMergeErrors(t *testing.T) {
	const invalid = `{"message":"Invalid data","data":null,"error":{"from":%q}}`
	const notFound = `{"message":"Book not found for user","data":null,"error":%q}`
	const notOwners = "from has a book that the owner of the kept book does not have"
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		kept, other, bobs := s.addBook(ada.Token, "Emma").ID, s.addBook(ada.Token, "Dune").ID, s.addBook(bob.Token, "Emma").ID
		many := strings.Repeat(`"`+other+`",`, 200)
		for i := range 101 {
			many += fmt.Sprintf(`"%024x",`, i)
		}
		for _, test := range []struct {
			token, kept, body string
			status            int
			want              string
		}{
			{ada.Token, kept, `{}`, http.StatusBadRequest, fmt.Sprintf(invalid, "is required")},
			{ada.Token, kept, `{"from":[]}`, http.StatusBadRequest, fmt.Sprintf(invalid, "is required")},
			{ada.Token, kept, `{"from":null}`, http.StatusBadRequest, fmt.Sprintf(invalid, "is required")},
			{ada.Token, kept, `{"from":"` + other + `"}`, http.StatusBadRequest, fmt.Sprintf(invalid, "must be a list of texts")},
			{ada.Token, kept, `{"from":["x"]}`, http.StatusBadRequest, fmt.Sprintf(invalid, "must be ids of books")},
			{ada.Token, kept, `{"from":["` + kept + `","` + other + `"]}`, http.StatusBadRequest, fmt.Sprintf(invalid, "must not have the book itself")},
			{ada.Token, kept, `{"from":[` + strings.TrimSuffix(many, ",") + `]}`, http.StatusBadRequest, fmt.Sprintf(invalid, "must be at most 100")},
			{ada.Token, kept, `{"from":["000000000000000000000000"]}`, http.StatusNotFound, fmt.Sprintf(notFound, notOwners)},
			{ada.Token, kept, `{"from":["` + other + `","` + bobs + `"]}`, http.StatusNotFound, fmt.Sprintf(notFound, notOwners)},
			{ada.Token, bobs, `{"from":["` + other + `"]}`, http.StatusNotFound, fmt.Sprintf(notFound, "Not found")},
			{bob.Token, kept, `{"from":["` + other + `"]}`, http.StatusNotFound, fmt.Sprintf(notFound, "Not found")},
			{ada.Token, "x", `{"from":["` + other + `"]}`, http.StatusNotFound, fmt.Sprintf(notFound, "Not found")},
		} {
			s.json("POST", "/books/"+test.kept+"/merge", test.token, test.body).want(test.status, test.want)
		}
		for _, id := range []string{kept, other} {
			s.get("/books/"+id, ada.Token).wantStatus(http.StatusOK)
		}
	})
}

// A librarian may merge books of another owner, which the audit log records. Books of two different owners cannot be merged.
func TestLibrarianMerges(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, lib := s.signedIn("ada@example.com"), s.signedInAs("lib@example.com", models.RoleLibrarian)
		root := s.signedInAs("root@example.com", models.RoleAdmin)
		kept, other, own := s.addBook(ada.Token, "Emma").ID, s.addBook(ada.Token, "Dune").ID, s.addBook(lib.Token, "Emma").ID
		s.merge(lib.Token, kept, own).wantStatus(http.StatusNotFound)
		s.merge(lib.Token, own, other).wantStatus(http.StatusNotFound)
		s.merge(lib.Token, kept, other).wantStatus(http.StatusOK)
		s.wantAudit(root, models.ActionChangeBook, 2)
		if log := s.get("/audit", root.Token).body; !strings.Contains(string(log), "merge "+other) {
			s.Errorf("the audit log is %s", log)
		}
	})
}

// A merge is rejected if a third book has the title, the authors and the ISBN that the kept book would get.
func TestMergeTitleTaken(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		add := func(body string) string {
			return data[book](s.json("POST", "/books/", ada.Token, body).wantStatus(http.StatusCreated), "successfully created a new book").ID
		}
		kept, other := add(`{"title":"Emma"}`), add(`{"title":"Emma again","authors":["Jane Austen"]}`)
		third := add(`{"title":"Emma","authors":["Jane Austen"]}`)
		s.merge(ada.Token, kept, other).want(http.StatusConflict, `{"message":"Conflict","data":null,`+
			`"error":"another book has the title, the authors and the ISBN that this one would have: merge that book, too"}`)
		s.merge(ada.Token, kept, other, third).wantStatus(http.StatusOK)
	})
}
