package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// detailed is a book with its optional details, as clients see it.
type detailed struct {
	ID       string `json:"_id"`
	ImageURL string `json:"image_url"`
	models.BookTexts
	models.BookDetails
}

func TestAddBookByJSON(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	a := s.json("POST", "/books/", ada.Token, `{"title":"The Time Machine","authors":["H. G. Wells"],"isbn":"0-8044-2957-X",`+
		`"published":"1895-05","pages":128,"series_number":1.5,"tags":["b","a"],"copies":2,"language":"EN","foo":1}`)
	b := data[detailed](a.wantStatus(http.StatusCreated), "successfully created a new book")
	if b.ISBN != "9780804429573" || b.Pages != 128 || b.SeriesNumber != 1.5 || !slices.Equal(b.Tags, []string{"a", "b"}) ||
		b.Language != "en" || b.Category != "" || !strings.HasSuffix(b.ImageURL, "/static/books/placeholder.jpg") {
		t.Errorf("the book is %+v", b)
	}
	s.json("POST", "/books/", ada.Token, `{"title":"The Time Machine"}`).wantStatus(http.StatusCreated) // another edition
	s.json("POST", "/books/", ada.Token, `{"title":"The Time Machine"}`).want(http.StatusBadRequest, duplicateJSON)
	s.json("POST", "/books/", ada.Token, `{"authors":["H. G. Wells"]}`).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":{"title":"is required"}}`)
	s.json("POST", "/books/", ada.Token, `{"title":"x","isbn":"9780141439975","pages":1e400,"authors":"Wells","published":"2004-13"}`).
		want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"authors":"must be a list of texts",`+
			`"isbn":"does not add up: a digit of the ISBN is wrong","pages":"must be a whole number",`+
			`"published":"must be a date such as 2004, 2004-05 or 2004-05-01"}}`)
}

const duplicateJSON = `{"message":"The book has been created by user","data":null,"error":"Conflict"}`

// In a form, each author is a field of its own. The answer leaves out details that the book does not have.
func TestAddBookByFormWithDetails(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	form := append(bookForm(t, "Good Omens"), field{name: "authors", value: "Terry Pratchett"}, field{name: "authors", value: "Neil Gaiman"},
		field{name: "pages", value: "288"}, field{name: "tags", value: "funny"})
	b := data[detailed](s.form("POST", "/books/", ada.Token, form...).wantStatus(http.StatusCreated), "successfully created a new book")
	if !slices.Equal(b.Authors, []string{"Terry Pratchett", "Neil Gaiman"}) || b.Pages != 288 || !slices.Equal(b.Tags, []string{"funny"}) {
		t.Errorf("the book is %+v", b)
	}
	plain := s.form("POST", "/books/", ada.Token, bookForm(t, "Emma")...).wantStatus(http.StatusCreated)
	if strings.Contains(string(plain.body), "authors") || strings.Contains(string(plain.body), "pages") {
		t.Errorf("a book without details is %s", plain.body)
	}
}

func TestPatchBook(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, eve := s.signedIn("ada@example.com"), s.signedIn("eve@example.com")
		b := s.addBook(ada.Token, "Emma")
		path := "/books/" + b.ID
		patch := func(body string) detailed {
			a := s.json("PATCH", path, ada.Token, body)
			return data[detailed](a.wantStatus(http.StatusOK), "successfully updated a book")
		}
		if got := patch(`{"authors":["Jane Austen"],"isbn":"9780141439587","pages":474}`); got.Pages != 474 || got.Title != "Emma" {
			s.Errorf("after adding fields: %+v", got)
		}
		if got := patch(`{"isbn":null,"pages":null,"category":null}`); got.ISBN != "" || got.Pages != 0 || got.Category != "" ||
			!slices.Equal(got.Authors, []string{"Jane Austen"}) {
			s.Errorf("after clearing fields: %+v", got)
		}
		s.json("PATCH", path, ada.Token, `{"title":null}`).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"title":"is required"}}`)
		s.json("PATCH", path, ada.Token, `{}`).wantStatus(http.StatusBadRequest)
		s.form("PATCH", path, ada.Token, field{name: "title", value: "x"}).wantStatus(http.StatusUnsupportedMediaType)
		s.json("PATCH", path, eve.Token, `{"title":"Mine"}`).wantStatus(http.StatusNotFound)
		s.json("POST", "/books/", ada.Token, `{"title":"Emma"}`).wantStatus(http.StatusCreated)
		s.json("PATCH", path, ada.Token, `{"authors":null}`).want(http.StatusBadRequest, duplicateJSON)
	})
}

func TestCategories(t *testing.T) {
	s := newServer(t, map[string]string{"CATEGORIES": "cooking,travel"})
	s.get("/categories", s.signedIn("ada@example.com").Token).want(http.StatusOK,
		`{"message":"successfully retrieved all categories","data":["cooking","travel"]}`)
}

// A field that is rejected is named in the answer, with what is allowed.
func TestDetailRefusals(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	const isbn = `"isbn":"must be an ISBN of 10 or 13 digits"`
	const invisible = `"authors":"must not have control characters or invisible characters"`
	for body, want := range map[string]string{
		`"isbn":"0-306-40615-3"`:                            `"isbn":"does not add up: a digit of the ISBN is wrong"`,
		`"isbn":"0"`:                                        isbn,
		`"isbn":"97803064061570"`:                           isbn,
		`"isbn":"978030640615x"`:                            isbn,
		`"published":"2004-13"`:                             `"published":"must be a date such as 2004, 2004-05 or 2004-05-01"`,
		`"published":"2023-02-29"`:                          `"published":"must be a date such as 2004, 2004-05 or 2004-05-01"`,
		`"tags":[` + strings.Repeat(`"t",`, 9_999) + `"t"]`: "",
		`"tags":[` + distinct(10_000) + `]`:                 `"tags":"must be at most 100"`,
		`"authors":["` + strings.Repeat("a", 10_000) + `"]`: `"authors":"must have at most 200 characters"`,
		`"authors":["a\u0000b"]`:                            invisible,
		`"authors":["a\u202eb"]`:                            invisible,
		`"authors":["😀 Ltd."]`:                              "",
		`"pages":-1`:                                        `"pages":"must be a number from 1 to 100000"`,
		`"pages":1e400`:                                     `"pages":"must be a whole number"`,
		`"pages":1.5`:                                       `"pages":"must be a whole number"`,
		`"copies":1001`:                                     `"copies":"must be a number from 1 to 1000"`,
		`"language":"` + strings.Repeat("en-", 100) + `"`:   `"language":"must be a language tag such as en or pt-BR"`,
		`"series_number":0.001`:                             `"series_number":"must be a number from 0.01 to 10000, with at most two decimals"`,
	} {
		id := s.addBook(ada.Token, "A book").ID
		a := s.json("PATCH", "/books/"+id, ada.Token, "{"+body+"}")
		if want == "" {
			a.wantStatus(http.StatusOK)
		} else {
			a.want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{`+want+`}}`)
		}
		s.do(call{method: "DELETE", path: "/books/" + id, token: ada.Token}).wantStatus(http.StatusNoContent)
	}
}

// distinct returns n different JSON strings, separated by commas.
func distinct(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"tag %d"`, i)
	}
	return strings.Join(list, ",")
}
