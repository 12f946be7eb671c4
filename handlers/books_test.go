package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bookplate/covers"
	"bookplate/models"
)

func TestAddBook(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Sketch of the Engine")
		if b.Title != "Sketch of the Engine" || b.Description != "about Sketch of the Engine" || b.Category != "science" ||
			b.UserID != ada.ID || len(b.ID) != 24 {
			s.Errorf("added %+v", b)
		}
		got := data[book](s.get("/books/"+b.ID, ada.Token), "successfully retrieved a book")
		if got != b {
			s.Errorf("got %+v, want %+v", got, b)
		}
		if b.CreatedAt == "" || b.CreatedAt != b.UpdatedAt || !strings.HasSuffix(b.CreatedAt, "Z") || len(b.CreatedAt) != 24 {
			s.Errorf("created %q, updated %q; want RFC 3339 in UTC with milliseconds", b.CreatedAt, b.UpdatedAt)
		}
	})
}

// A new book belongs to the token's user. Its category may have the tutorial's misspelling of poetry, and it may have
// no description.
func TestAddBookNormalises(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		a := s.form("POST", "/books", ada.Token, field{name: "cover_image", value: picture(s.TB, 10, 10), file: "x"},
			field{name: "title", value: " Verses "}, field{name: "category", value: "Peotry"},
			field{name: "user_id", value: "000000000000000000000000"}, field{name: "_id", value: "1"})
		b := data[book](a.wantStatus(http.StatusCreated), "successfully created a new book")
		if b.UserID != ada.ID || b.Category != "poetry" || b.Title != "Verses" || b.Description != "" {
			s.Errorf("added %+v", b)
		}
	})
}

func TestAddBookRefusals(t *testing.T) {
	const nothing = `{"message":"Invalid data, you need to give the book title, cover image, author id,","data":null,"error":"Bad Request"}`
	const noCover = `{"message":"cover image is required","data":null,"error":{"cover_image":"is required"}}`
	const categories = "must be one of: romance, poetry, politics, picture book, science, fantasy, horror, thriller"
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		title, category := field{name: "title", value: "Notes"}, field{name: "category", value: "science"}
		cover := field{name: "cover_image", value: picture(s.TB, 10, 10), file: "c.jpg"}
		for _, c := range []struct {
			fields []field
			want   string
		}{
			{nil, nothing},
			{[]field{cover}, nothing},
			{[]field{title, category}, noCover},
			{
				[]field{{name: "title", value: " "}, {name: "category", value: "cooking"}},
				`{"message":"cover image is required","data":null,` +
					`"error":{"cover_image":"is required","title":"is required","category":"` + categories + `"}}`,
			},
			{
				[]field{title, {name: "cover_image", value: "path/to/cover.jpg"}},
				`{"message":"cover image is required","data":null,` +
					`"error":{"cover_image":"must be a file in form-data","category":"is required"}}`,
			},
			{
				[]field{title, category, cover, cover},
				`{"message":"Invalid data","data":null,"error":{"cover_image":"must be one file"}}`,
			},
			{
				[]field{cover, {name: "title", value: " "}},
				`{"message":"Invalid data","data":null,"error":{"title":"is required","category":"is required"}}`,
			},
			{
				[]field{cover, title, {name: "category", value: "cooking"}},
				`{"message":"Invalid data","data":null,"error":{"category":"` + categories + `"}}`,
			},
			{
				[]field{cover, category, {name: "title", value: strings.Repeat("é", 501)}, {name: "description", value: strings.Repeat("x", 10_001)}},
				`{"message":"Invalid data","data":null,"error":{"title":"must have at most 500 characters","description":"must have at most 10000 characters"}}`,
			},
			{
				[]field{cover, category, {name: "title", value: "\xff\xfe"}},
				`{"message":"Invalid data","data":null,"error":{"title":"must be text in UTF-8"}}`,
			},
			{
				[]field{title, category, {name: "cover_image", value: "%PDF-1.7 ...", file: "cover.jpg"}},
				`{"message":"Invalid data","data":null,"error":{"cover_image":"must be a JPEG, PNG, GIF or WebP picture"}}`,
			},
		} {
			s.form("POST", "/books/", ada.Token, c.fields...).want(http.StatusBadRequest, c.want)
		}
		s.json("POST", "/books/", ada.Token, ``).want(http.StatusBadRequest, nothing)
		if n := s.coverCount(); n != 0 {
			s.Errorf("rejected books left %d covers", n)
		}
	})
}

func TestTitlesAreUniqueToTheirOwner(t *testing.T) {
	const taken = `{"message":"The book has been created by user","data":null,"error":"Conflict"}`
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		s.addBook(ada.Token, "Notes")
		s.addBook(bob.Token, "Notes")
		s.form("POST", "/books/", ada.Token, bookForm(s.TB, "Notes")...).want(http.StatusBadRequest, taken)
		if n := s.coverCount(); n != 2 {
			s.Errorf("%d covers for two books", n)
		}
	})
}

// This test runs on SQLite only, because the MongoDB-compatible test server reports a duplicate key in an update as an
// internal error. The suite in storage/storagetest covers this case on MongoDB.
func TestRenameToATakenTitle(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.addBook(ada.Token, "Notes")
	b := s.addBook(ada.Token, "More Notes")
	s.form("PUT", "/books/"+b.ID, ada.Token, field{name: "title", value: "Notes"},
		field{name: "cover_image", value: picture(t, 20, 20), file: "c.jpg"},
	).want(http.StatusBadRequest, `{"message":"The book has been created by user","data":null,"error":"Conflict"}`)
	if n := s.coverCount(); n != 2 {
		t.Errorf("%d covers for two books", n)
	}
	s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK)
}

func TestConcurrentEqualBooks(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		// The covers are made in one size only, because the MongoDB-compatible test server is slow.
		s.services.Covers = covers.New(s.blobs, covers.Options{
			Mark: s.services.Store.CoverMark, MaxPixels: 1_000_000, Memory: 1 << 20,
		})
		s.start()
		ada := s.signedIn("ada@example.com")
		contentType, body := formBody(s.TB, bookForm(s.TB, "Notes")...)
		statuses := map[int]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				a := s.do(call{method: "POST", path: "/books/", token: ada.Token, contentType: contentType, body: body})
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
			})
		}
		wg.Wait()
		// At most sixteen uploads of one account may wait for memory. The server rejects further uploads with 429.
		if statuses[http.StatusCreated] != 1 || statuses[http.StatusBadRequest]+statuses[http.StatusTooManyRequests] != 99 {
			s.Errorf("statuses %v, want 201 once, and 400 or 429 for the rest", statuses)
		}
		s.sweep() // an insert that timed out may have left its cover
		if n := s.coverCount(); n != 1 {
			s.Errorf("%d covers for one book", n)
		}
	})
}

func TestUpdateBook(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Notes")
		s.clock.move(1e9)
		want := b
		for _, c := range []struct {
			name   string
			send   func() answer
			change func()
		}{
			{"form-data", func() answer {
				return s.form("PUT", "/books/"+b.ID, ada.Token, field{name: "title", value: "Letters"}, field{name: "user_id", value: "x"})
			}, func() { want.Title = "Letters" }},
			{"urlencoded", func() answer {
				return s.do(call{
					method: "PUT", path: "/books/" + b.ID + "/", token: ada.Token,
					contentType: "application/x-www-form-urlencoded", body: "category=peotry",
				})
			}, func() { want.Category = "poetry" }},
			{"JSON", func() answer {
				return s.json("PUT", "/books/"+b.ID, ada.Token, `{"description":""}`)
			}, func() { want.Description = "" }},
			{"an upper-case id", func() answer {
				return s.json("PUT", "/books/"+strings.ToUpper(b.ID), ada.Token, `{"title":"Letters"}`)
			}, func() {}},
		} {
			c.change()
			got := data[book](c.send().wantStatus(http.StatusCreated), "successfully updated a book")
			if want.UpdatedAt = got.UpdatedAt; got != want || got.UpdatedAt == b.UpdatedAt {
				s.Errorf("%s: updated to %+v, want %+v", c.name, got, want)
			}
			if stored := data[book](s.get("/books/"+b.ID, ada.Token), "successfully retrieved a book"); stored != got {
				s.Errorf("%s: stored %+v, answered %+v", c.name, stored, got)
			}
		}
	})
}

func TestReplaceCover(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Notes")
		a := s.form("PUT", "/books/"+b.ID, ada.Token, field{name: "cover_image", value: picture(s.TB, 400, 100), file: "c.png"})
		after := data[book](a.wantStatus(http.StatusCreated), "successfully updated a book")
		if after.ImageURL == b.ImageURL || after.Title != b.Title {
			s.Errorf("replaced the cover of %+v: %+v", b, after)
		}
		s.get(s.pathOf(after.ImageURL), "").wantStatus(http.StatusOK)
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusNotFound)
	})
}

// lossyBooks is a models.Books whose writes succeed but return an error, as if the database's answer was lost.
type lossyBooks struct{ models.Books }

var errLost = &models.Error{Code: models.Unavailable, Err: errors.New("the answer was lost")}

func (b lossyBooks) Create(ctx context.Context, book models.Book) error {
	return errors.Join(errLost, b.Books.Create(ctx, book))
}

func (b lossyBooks) Update(ctx context.Context, id, owner models.ID, up models.BookUpdate) (before, after models.Book, err error) {
	_, _, err = b.Books.Update(ctx, id, owner, up)
	return models.Book{}, models.Book{}, errors.Join(errLost, err)
}

// If the store has written a book but returns an error, the book keeps its cover.
func TestLostAnswer(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Notes")
	store := s.services.Store
	s.services.Store = failingStore{store, lossyBooks{store.Books()}}
	s.start()
	s.form("POST", "/books/", ada.Token, bookForm(t, "More Notes")...).wantStatus(http.StatusServiceUnavailable)
	s.form("PUT", "/books/"+b.ID, ada.Token, bookForm(t, "Notes")...).wantStatus(http.StatusServiceUnavailable)
	books := data[[]book](s.get("/books/", ada.Token), "successfully retrieved all books")
	if len(books) != 2 || books[0].ImageURL == b.ImageURL {
		t.Fatalf("the books are %+v; want both writes done", books)
	}
	for _, b := range books {
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusOK)
	}
}

func TestUpdateBookRefusals(t *testing.T) {
	const notFound = `{"message":"Book not found for user","data":null,"error":"Not found"}`
	const nothing = `{"message":"failed to update a book","data":null,"error":"give a title, description, category or cover_image"}`
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		b := s.addBook(ada.Token, "Notes")
		for _, c := range []struct{ token, id, body, want string }{
			{ada.Token, "no-id", `{"title":"x"}`, notFound},
			{ada.Token, "0123456789abcdef01234567", `{"title":"x"}`, notFound},
			{bob.Token, b.ID, `{"title":"x"}`, notFound},
			{bob.Token, b.ID, ``, notFound},
		} {
			s.json("PUT", "/books/"+c.id, c.token, c.body).want(http.StatusNotFound, c.want)
		}
		for _, c := range []struct{ body, want string }{
			{``, nothing},
			{`{"user_id":"x"}`, nothing},
			{`{"title"`, nothing},
			{`{"title":null}`, nothing},
			{`{"title":""}`, `{"message":"Invalid data","data":null,"error":{"title":"is required"}}`},
			{`{"title":{}}`, `{"message":"Invalid data","data":null,"error":{"title":"must be text"}}`},
			{`{"category":""}`, `{"message":"Invalid data","data":null,"error":{"category":"is required"}}`},
			{`{"cover_image":"cover.jpg"}`, `{"message":"Invalid data","data":null,"error":{"cover_image":"must be a file in form-data"}}`},
		} {
			s.json("PUT", "/books/"+b.ID, ada.Token, c.body).want(http.StatusBadRequest, c.want)
		}
		s.form("PUT", "/books/"+b.ID, ada.Token, field{name: "cover_image", value: "no picture", file: "c.jpg"}).
			want(http.StatusBadRequest, `{"message":"Invalid data","data":null,"error":{"cover_image":"must be a JPEG, PNG, GIF or WebP picture"}}`)
		if after := data[book](s.get("/books/"+b.ID, bob.Token), "successfully retrieved a book"); after != b {
			s.Errorf("rejected updates changed %+v to %+v", b, after)
		}
	})
}

func TestGetBookRefusals(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		for _, id := range []string{"no-id", "0123456789abcdef01234567", strings.Repeat("a", 1000), "%2e%2e"} {
			s.get("/books/"+id, ada.Token).want(http.StatusNotFound,
				`{"message":"Book not found","data":null,"error":"Not Found"}`)
		}
	})
}

func TestDeleteBook(t *testing.T) {
	const notFound = `{"message":"Book not found for user","data":null,"error":"Not found"}`
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		b := s.addBook(ada.Token, "Notes")
		remove := func(token, id string) answer {
			return s.do(call{method: "DELETE", path: "/books/" + id, token: token})
		}
		remove(bob.Token, b.ID).want(http.StatusNotFound, notFound)
		remove(ada.Token, "no-id").want(http.StatusNotFound, notFound)
		if a := remove(ada.Token, b.ID).wantStatus(http.StatusNoContent); len(a.body) != 0 {
			s.Errorf("204 with a body: %s", a.body)
		}
		remove(ada.Token, b.ID).want(http.StatusNotFound, notFound)
		s.get("/books/"+b.ID, ada.Token).wantStatus(http.StatusNotFound)
		s.get(s.pathOf(b.ImageURL), "").wantStatus(http.StatusNotFound)
		s.addBook(ada.Token, "Notes") // the title is available again
	})
}

func TestCategoriesSetting(t *testing.T) {
	s := newServer(t, map[string]string{"CATEGORIES": "Cooking, Travel"})
	ada := s.signedIn("ada@example.com")
	for category, want := range map[string]int{"cooking": http.StatusCreated, "science": http.StatusBadRequest} {
		form := append(bookForm(t, fmt.Sprint("On ", category)), field{name: "x", value: "y"})
		form[2].value = category
		s.form("POST", "/books/", ada.Token, form...).wantStatus(want)
	}
	if books := data[[]book](s.get("/books/", ada.Token), "successfully retrieved all books"); books[0].Category != "Cooking" {
		t.Errorf("%+v; want the category as the setting spells it", books)
	}
}
