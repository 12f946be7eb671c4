package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/library/isbn/isbntest"
	"bookplate/models"
)

const foundMessage = "successfully found a book"

// found is what the metadata sources know about a book, as clients see it.
type found struct {
	Book       json.RawMessage
	Sources    map[string]string
	CoverURL   *string  `json:"cover_url"`
	OutOfReach []string `json:"out_of_reach"`
}

func (s *testServer) lookUp(token, number string) found {
	s.Helper()
	return data[found](s.get("/isbn/"+number, token).wantStatus(http.StatusOK), foundMessage)
}

// addByISBN adds a book by its ISBN, in a JSON body.
func (s *testServer) addByISBN(token, body string) detailed {
	s.Helper()
	a := s.json("POST", "/books/", token, body).wantStatus(http.StatusCreated)
	return data[detailed](a, "successfully created a new book")
}

func TestLookUp(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.get("/isbn/0-14-143951-3/", ada.Token).want(http.StatusOK, `{"message":"successfully found a book","data":{"book":{
			"title":"Pride and Prejudice","description":"Elizabeth Bennet and Mr Darcy.\n\nA comedy of manners.",
			"authors":["Jane Austen"],"isbn":"9780141439518","publisher":"Penguin Classics","published":"2002-12-31",
			"language":"en","pages":435,"series":"Penguin classics","series_number":12},
			"sources":{"title":"openlibrary","description":"openlibrary","authors":"openlibrary","isbn":"openlibrary",
			"publisher":"openlibrary","published":"openlibrary","language":"openlibrary","pages":"openlibrary",
			"series":"openlibrary","series_number":"openlibrary","cover":"openlibrary"},
			"cover_url":"https://covers.openlibrary.org/b/id/11-L.jpg?default=false","out_of_reach":[]}}`)
		s.get("/isbn/"+isbntest.Unknown, ada.Token).wantCode(http.StatusNotFound, "isbn_unknown")
		s.get("/isbn/9780141439519", ada.Token).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"isbn":"does not add up: a digit of the ISBN is wrong"}}`)
	})
}

// The book in the answer to a look-up can be posted unchanged.
func TestFoundBookCanBePosted(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": "openlibrary,googlebooks,dnb,bnf"})
	ada := s.signedIn("ada@example.com")
	for _, number := range []string{
		isbntest.PrideAndPrejudice, isbntest.TheTimeMachine, isbntest.Emma, isbntest.DerProzess, isbntest.LesMiserables,
	} {
		known := s.lookUp(ada.Token, number)
		a := s.json("POST", "/books/", ada.Token, string(known.Book)).wantStatus(http.StatusCreated)
		if b := data[detailed](a, "successfully created a new book"); b.ISBN != number || b.Title == "" {
			t.Errorf("the book is %+v", b)
		}
		if strings.Contains(string(a.body), "ignored") {
			t.Errorf("fields were ignored: %s", a.body)
		}
	}
}

func TestAddBookByISBN(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		b := s.addByISBN(ada.Token, `{"isbn":"0-14-143951-3","category":"romance","publisher":"My own","tags":["gift"]}`)
		if b.Title != "Pride and Prejudice" || b.Category != "romance" || b.Publisher != "My own" || b.Pages != 435 ||
			!slices.Equal(b.Tags, []string{"gift"}) || b.Language != "en" {
			s.Errorf("the book is %+v", b)
		}
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK).wantHeader("Content-Type", "image/jpeg")
		if strings.Contains(b.ImageURL, "placeholder") || s.coverCount() != 1 {
			s.Errorf("the cover is %s", b.ImageURL)
		}
		s.json("POST", "/books/", ada.Token, `{"isbn":"9780141439518"}`).want(http.StatusBadRequest, duplicateJSON)
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers, want 1", n)
		}
	})
}

// A form with an ISBN needs no title, category or cover. Fields and a cover that the form does have replace those that would
// be looked up.
func TestAddBookByISBNInAForm(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	number := field{name: "isbn", value: isbntest.PrideAndPrejudice}
	post := func(fields ...field) answer { return s.form("POST", "/books/", ada.Token, append(fields, number)...) }
	b := data[detailed](post(field{name: "title", value: " "}).wantStatus(http.StatusCreated), "successfully created a new book")
	if b.Title != "Pride and Prejudice" || strings.Contains(b.ImageURL, "placeholder") {
		t.Errorf("the book is %+v", b)
	}
	own := field{name: "cover_image", value: picture(t, 30, 20), file: "c.jpg"}
	post(field{name: "authors", value: "Anonymous"}, own).wantStatus(http.StatusCreated)
	if n := len(s.sources.Requests(isbntest.OpenLibraryCovers)); n != 1 {
		t.Errorf("%d covers were fetched, want 1", n)
	}
	post(field{name: "authors", value: "A"}, field{name: "category", value: "cooking"}).wantCode(http.StatusBadRequest, "invalid_fields")
	post(field{name: "authors", value: "B"}, field{name: "cover_image", value: "no picture", file: "c.jpg"}).
		wantCode(http.StatusBadRequest, "invalid_fields")
	// If there is a title, nothing is looked up, and the form needs a category and a cover as in the tutorial.
	post(field{name: "title", value: "Emma"}).wantCode(http.StatusBadRequest, "cover_missing")
	post(field{name: "title", value: "Emma"}, own).wantCode(http.StatusBadRequest, "invalid_fields")
	if n := len(s.sources.Requests(isbntest.OpenLibrary)); n != 1 {
		t.Errorf("%d look-ups, want 1", n)
	}
}

// If the cover that was looked up cannot be fetched or is no picture, the book is added without a cover.
func TestAddBookByISBNWithoutItsCover(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{
		"missing": http.NotFound, "page": isbntest.Page, "endless": isbntest.Endless,
		"redirect": isbntest.RedirectTo("https://169.254.169.254/latest/meta-data/"),
		"cut":      func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("\xff\xd8\xff\xe0")) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			ada := s.signedIn("ada@example.com")
			s.sources.Fail(isbntest.OpenLibraryCovers, fault)
			b := s.addByISBN(ada.Token, `{"isbn":"9780141439518"}`)
			if !strings.HasSuffix(b.ImageURL, "/static/books/placeholder.jpg") || s.coverCount() != 0 {
				t.Errorf("the cover is %s", b.ImageURL)
			}
		})
	}
}

// addBookWithISBN adds a book without a cover, and returns its path.
func (s *testServer) addBookWithISBN(token, number string) string {
	s.Helper()
	a := s.json("POST", "/books/", token, fmt.Sprintf(`{"title":%q,"isbn":%q}`, "Book "+number, number)).wantStatus(http.StatusCreated)
	return "/books/" + data[book](a, "successfully created a new book").ID
}

// findCover looks up the cover of a book.
func (s *testServer) findCover(token, path string) answer {
	s.Helper()
	return s.do(call{method: "POST", path: path + "/cover", token: token})
}

const coverFound = "successfully found a cover"

// A found cover replaces the one that the book has. Nothing else of the book changes.
func TestFindCover(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		path := s.addBookWithISBN(ada.Token, isbntest.PrideAndPrejudice)
		a := s.findCover(ada.Token, path).wantStatus(http.StatusOK)
		b := data[detailed](a, coverFound)
		if b.Title != "Book "+isbntest.PrideAndPrejudice || b.Pages != 0 || strings.Contains(b.ImageURL, "placeholder") {
			s.Errorf("the book is %+v", b)
		}
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK).wantHeader("Content-Type", "image/jpeg")
		tag := a.header.Get("ETag")
		again := data[detailed](s.ifMatch(tag, "POST", path+"/cover", ada.Token, ""), coverFound)
		if again.ImageURL == b.ImageURL || s.coverCount() != 1 {
			s.Errorf("the cover is still %s, and %d are stored", b.ImageURL, s.coverCount())
		}
		asked := len(s.sources.Requests(isbntest.OpenLibraryCovers))
		s.ifMatch(tag, "POST", path+"/cover", ada.Token, "").wantCode(http.StatusPreconditionFailed, "precondition_failed")
		if n := len(s.sources.Requests(isbntest.OpenLibraryCovers)); n != asked {
			s.Errorf("%d requests for a change of an older version", n-asked)
		}
	})
}

// A cover comes from the next source if the first one has none, or does not send it.
func TestFindCoverAtTheNextSource(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": "openlibrary,googlebooks"})
	ada := s.signedIn("ada@example.com")
	path := s.addBookWithISBN(ada.Token, isbntest.TheTimeMachine)
	data[detailed](s.findCover(ada.Token, path), coverFound)
	s.sources.Fail(isbntest.OpenLibrary, isbntest.Status(http.StatusInternalServerError, ""))
	data[detailed](s.findCover(ada.Token, path), coverFound)
}

// Each reason why there is no cover is said, and the book keeps the one that it has.
func TestNoCoverFound(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": "openlibrary"})
	ada := s.signedIn("ada@example.com")
	with := func(number string) string {
		path := s.addBookWithISBN(ada.Token, number)
		s.form("PUT", path+"/cover", ada.Token, field{name: "cover_image", value: picture(t, 30, 20), file: "c.jpg"}).wantStatus(http.StatusOK)
		return path
	}
	s.findCover(ada.Token, "/books/"+s.addBook(ada.Token, "No number").ID).want(http.StatusBadRequest, `{"message":"Invalid data",
		"data":null,"error":{"isbn":"is missing in this book: set it first, with PATCH /books/<id>"}}`)
	s.findCover(ada.Token, with(isbntest.Unknown)).want(http.StatusNotFound, `{"message":"Cover not found","data":null,"code":"cover_unknown",
		"error":"no source has a cover for this ISBN: check the ISBN, or upload a picture with PUT /books/<id>/cover"}`)
	s.findCover(ada.Token, with(isbntest.TheTimeMachine)).wantCode(http.StatusNotFound, "cover_unknown")
	s.sources.Fail(isbntest.OpenLibrary, isbntest.Status(http.StatusInternalServerError, ""))
	s.findCover(ada.Token, with(isbntest.Emma)).want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,
		"code":"sources_out_of_reach","error":"Open Library answered 500: try again later, or upload a picture with PUT /books/<id>/cover"}`)
	s.sources.Recover()
	path := with(isbntest.PrideAndPrejudice)
	for _, test := range []struct {
		fault  http.HandlerFunc
		status int
		code   string
	}{
		{http.NotFound, http.StatusNotFound, "cover_unknown"},
		{isbntest.Page, http.StatusNotFound, "cover_unknown"}, // it is no picture
		{isbntest.Endless, http.StatusServiceUnavailable, "sources_out_of_reach"},
		{isbntest.Status(http.StatusTooManyRequests, "60"), http.StatusServiceUnavailable, "sources_out_of_reach"},
	} {
		s.sources.Fail(isbntest.OpenLibraryCovers, test.fault)
		s.findCover(ada.Token, path).wantCode(test.status, test.code)
	}
	if n := s.coverCount(); n != 5 {
		t.Errorf("%d covers, want those of 5 books", n)
	}
}

// The answer differs for an ISBN that no source knows and for sources that are out of reach. In both cases, no book is added.
func TestSourcesOutOfReach(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.sources.Fail(isbntest.GoogleBooks, isbntest.Status(http.StatusTooManyRequests, "3600"))
		known := s.lookUp(ada.Token, isbntest.TheTimeMachine)
		if !slices.Equal(known.OutOfReach, []string{models.GoogleBooks}) || known.CoverURL != nil || known.Sources["publisher"] != "" {
			s.Errorf("found %+v", known)
		}
		a := s.get("/isbn/"+isbntest.Emma, ada.Token)
		a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"code":"sources_out_of_reach",
			"error":"Google Books has asked for fewer requests: try again later, or add the book with its title"}`)
		a.wantHeader("Retry-After", "3599") // an hour, less the second that requests have waited
		s.json("POST", "/books/", ada.Token, `{"isbn":"`+isbntest.Emma+`"}`).wantCode(http.StatusServiceUnavailable, "sources_out_of_reach")
		s.json("POST", "/books/", ada.Token, `{"isbn":"`+isbntest.Emma+`","title":"Emma"}`).wantStatus(http.StatusCreated)
		if n := len(s.sources.Requests(isbntest.GoogleBooks)); n != 1 {
			s.Errorf("%d requests to a source that asked for fewer", n)
		}
		s.sources.Recover()
		s.clock.move(time.Hour)
		s.lookUp(ada.Token, isbntest.Emma)
		s.json("POST", "/books/", ada.Token, `{"isbn":"`+isbntest.Unknown+`"}`).wantCode(http.StatusNotFound, "isbn_unknown")
		if books := data[[]book](s.get("/books/", ada.Token), "successfully retrieved all books"); len(books) != 1 {
			s.Errorf("%d books, want 1", len(books))
		}
	})
}

// Without metadata sources, a look-up is answered with an error that says so, and books with a title can still be added.
func TestLookUpOff(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": ""})
	ada := s.signedIn("ada@example.com")
	s.get("/isbn?q=emma", ada.Token).wantCode(http.StatusForbidden, "lookup_off")
	s.get("/isbn/"+isbntest.Emma, ada.Token).want(http.StatusForbidden, `{"message":"Forbidden","data":null,"code":"lookup_off",
		"error":"ISBN look-up is off on this server (METADATA_SOURCES is empty): add the book with its title"}`)
	s.json("POST", "/books/", ada.Token, `{"isbn":"9780199535644"}`).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,
		"error":{"title":"is required, because ISBN look-up is off on this server"}}`)
	path := s.addBookWithISBN(ada.Token, isbntest.Emma)
	s.findCover(ada.Token, path).want(http.StatusForbidden, `{"message":"Forbidden","data":null,"code":"lookup_off",
		"error":"ISBN look-up is off on this server (METADATA_SOURCES is empty): upload a picture with PUT /books/<id>/cover"}`)
	s.form("POST", "/books/", ada.Token, field{name: "isbn", value: "9780199535644"}).wantCode(http.StatusBadRequest, "cover_missing")
}

// A search finds books at the first source that knows any. The results can be posted unchanged.
func TestSearchSources(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": "openlibrary,googlebooks,dnb,bnf"})
	ada := s.signedIn("ada@example.com")
	search := func(words string) answer { return s.get("/isbn?q="+url.QueryEscape(words), ada.Token) }
	const message = "successfully searched the sources"
	search("jane (austen)").want(http.StatusOK, `{"message":"successfully searched the sources","data":{"books":[
		{"book":{"title":"Emma","subtitle":"A Novel","authors":["Jane Austen"],"isbn":"9780141439518","published":"1815"},
			"source":"openlibrary","cover_url":"https://covers.openlibrary.org/b/id/11-L.jpg?default=false"},
		{"book":{"title":"Lady Susan","authors":["Jane Austen"],"published":"1871","language":"en"},"source":"openlibrary","cover_url":null},
		{"book":{"title":"Sanditon"},"source":"openlibrary","cover_url":null}]`+noResult)
	for words, title := range map[string]string{"time wells": "THE TIME MACHINE", "Prozeß Kafka": "Der Prozess", "misérables, hugo": "Les misérables"} {
		var titles []string
		for _, result := range data[results](search(words), message).Books {
			b := data[book](s.json("POST", "/books/", ada.Token, string(result.Book)), "successfully created a new book")
			titles = append(titles, b.Title)
		}
		if !slices.Contains(titles, title) {
			t.Errorf("%s: found %q, want %q", words, titles, title)
		}
	}
	search("?!").want(http.StatusOK, `{"message":"successfully searched the sources","data":{"books":[]`+noResult)
	search(" ").want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"q":"is required"}}`)
	search(strings.Repeat("é", 201)).want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"q":"must have at most 200 characters"}}`)
}

const noResult = `,"out_of_reach":[]}}`

type results struct {
	Books      []struct{ Book json.RawMessage }
	OutOfReach []string `json:"out_of_reach"`
}

// If a source does not answer, the next one is asked. Only if none knows a book, the search fails.
func TestSearchOfSourcesOutOfReach(t *testing.T) {
	s := newServer(t, map[string]string{"METADATA_SOURCES": "openlibrary,googlebooks"})
	ada := s.signedIn("ada@example.com")
	s.sources.Fail(isbntest.OpenLibrary, isbntest.Status(http.StatusInternalServerError, ""))
	found := data[results](s.get("/isbn?q=time+wells", ada.Token), "successfully searched the sources")
	if len(found.Books) == 0 || !slices.Equal(found.OutOfReach, []string{"openlibrary"}) {
		t.Errorf("found %+v", found)
	}
	s.get("/isbn?q=nothing", ada.Token).wantCode(http.StatusServiceUnavailable, "sources_out_of_reach")
	s.sources.Fail(isbntest.GoogleBooks, isbntest.Page)
	s.get("/isbn?q=time+wells", ada.Token).wantCode(http.StatusServiceUnavailable, "sources_out_of_reach")
}

// Two copies of the server share the stored answers of the metadata sources.
func TestCopiesShareAnswers(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		first := s.lookUp(ada.Token, isbntest.TheTimeMachine)
		s.start()
		if second := s.lookUp(ada.Token, isbntest.TheTimeMachine); !maps.Equal(first.Sources, second.Sources) ||
			string(first.Book) != string(second.Book) {
			s.Errorf("the other copy found %+v", second)
		}
		if n := len(s.sources.Requests(isbntest.GoogleBooks)); n != 1 {
			s.Errorf("%d requests, want 1", n)
		}
	})
}
