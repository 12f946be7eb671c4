package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bookplate/handlers/web"
	"bookplate/models"
)

// titles returns the titles of the books in a list, in its order.
func (a answer) titles() []string {
	a.Helper()
	titles := []string{}
	for _, b := range data[[]book](a.wantStatus(http.StatusOK), "successfully retrieved all books") {
		titles = append(titles, b.Title)
	}
	return titles
}

// storeBook writes a book to the store, without a request.
func (s *testServer) storeBook(owner, title, category string) {
	s.Helper()
	b := models.Book{
		ID: models.NewID(s.clock.now()), UserID: models.ID(owner),
		BookTexts: models.BookTexts{Title: title, Category: category}, Cover: models.Cover{Name: "x", Sizes: []int{150}},
		CreatedAt: s.clock.now(), UpdatedAt: s.clock.now(),
	}
	if err := s.services.Store.Books().Create(s.Context(), b); err != nil {
		s.Fatal(err)
	}
}

func TestListBooks(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		if a := s.get("/books/", ada.Token); string(a.body) != `{"message":"successfully retrieved all books","data":[]}` {
			s.Errorf("no books: %s", a.body)
		}
		s.storeBook(ada.ID, "Emma", "romance")
		s.storeBook(bob.ID, "Dune", "science")
		s.storeBook(ada.ID, "Carrie", "horror")
		s.storeBook(ada.ID, "Aurora", "poetry")
		for query, want := range map[string]string{
			"":                                   "Emma Carrie Aurora",
			"?scope=mine":                        "Emma Carrie Aurora",
			"?scope=all":                         "Emma Dune Carrie Aurora",
			"?scope=all&category=science":        "Dune",
			"?category=science":                  "",
			"?category=peotry":                   "Aurora",
			"?category=Horror&scope=mine":        "Carrie",
			"?sort=title":                        "Aurora Carrie Emma",
			"?sort=-title&scope=all":             "Emma Dune Carrie Aurora",
			"?sort=-created":                     "Aurora Carrie Emma",
			"?limit=2":                           "Emma Carrie",
			"?limit=1&sort=title&category=other": "400",
		} {
			a := s.get("/books"+query, ada.Token)
			if want == "400" {
				a.wantStatus(http.StatusBadRequest)
				continue
			}
			if got := strings.Join(a.titles(), " "); got != want {
				s.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

func TestListRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		const limit, cursor = `"limit":"must be a number from 1 to 1000"`, `"cursor":"must be one from a Link header"`
		for query, want := range map[string]string{
			"limit=0":           limit,
			"limit=1001":        limit,
			"limit=ten":         limit,
			"cursor=":           cursor,
			"cursor=garbage!":   cursor,
			"cursor=e30":        cursor, // {}
			"limit=&cursor=e30": limit + "," + cursor,
			"sort=price": `"sort":"must be created, -created, title, -title, author, -author, published, -published, rating, -rating, ` +
				`series, -series or, with q, relevance"`,
			"scope=yours": `"scope":"must be mine or all"`,
			"category=":   `"category":"is required"`,
		} {
			s.get("/books/?"+query, ada.Token).
				want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{`+want+`}}`)
		}
	})
}

// Each page of a list links to the next one, and all pages together are the whole list. The total is sent only if the
// client asks for it.
func TestPages(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for i := range 7 {
			s.storeBook(ada.ID, fmt.Sprintf("Volume %d", (i*3)%7), "science")
		}
		for _, sort := range models.BookSorts {
			whole := s.get("/books/?sort="+string(sort), ada.Token).titles()
			var paged []string
			pages := 0
			for path := "/books/?limit=3&count=true&sort=" + string(sort); path != ""; pages++ {
				a := s.get(path, ada.Token)
				a.wantHeader("X-Total-Count", "7")
				paged = append(paged, a.titles()...)
				path = s.nextPath(a)
			}
			if pages != 3 || len(whole) != 7 || !slices.Equal(paged, whole) {
				s.Errorf("%s: %d pages %v, whole %v", sort, pages, paged, whole)
			}
		}
		if a := s.get("/books/", ada.Token); a.header.Get("X-Total-Count") != "" || a.header.Get("Link") != "" {
			s.Errorf("a whole list has %v", a.header)
		}
	})
}

// A list is complete even if the server reads it from the store in several batches.
func TestLongList(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for i := range 2*web.Batch + 1 {
			s.storeBook(ada.ID, fmt.Sprintf("Volume %04d", i), "science")
			if n := i + 1; n%web.Batch > 1 {
				continue
			}
			if titles := s.get("/books/", ada.Token).titles(); len(titles) != i+1 || !slices.IsSorted(titles) {
				s.Errorf("%d books of %d, sorted: %t", len(titles), i+1, slices.IsSorted(titles))
			}
		}
	})
}

// failingBooks is a models.Books whose List returns a number of pages and then fails.
type failingBooks struct {
	models.Books
	pages int
}

func (b *failingBooks) List(ctx context.Context, f models.BookFilter) ([]models.Book, error) {
	if b.pages--; b.pages < 0 {
		return nil, &models.Error{Code: models.Unavailable, Err: errors.New("gone")}
	}
	return b.Books.List(ctx, f)
}

// failingStore is a store with another models.Books, such as failingBooks.
type failingStore struct {
	models.Store
	books models.Books
}

func (s failingStore) Books() models.Books { return s.books }

// If a list fails after its first byte was sent, the server closes the connection, so that clients notice that the list
// is incomplete.
func TestInterruptedList(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	for i := range web.Batch {
		s.storeBook(ada.ID, fmt.Sprintf("Volume %04d", i), "science")
	}
	store := s.services.Store
	s.services.Store = failingStore{store, &failingBooks{store.Books(), 1}}
	s.start()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/books/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+ada.Token)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	if body, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("read %d bytes with error %v; want the connection aborted", len(body), err)
	}
	if !strings.Contains(s.log.String(), "gone") {
		t.Error("the log does not have the error")
	}
	s.services.Store = failingStore{store, &failingBooks{store.Books(), 0}}
	s.start()
	a := s.get("/books/", ada.Token)
	a.want(http.StatusServiceUnavailable, `{"message":"Service Unavailable","data":null,"error":"Service Unavailable"}`)
	a.wantHeader("Retry-After", "2")
}
