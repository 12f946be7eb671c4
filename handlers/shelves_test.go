package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bookplate/handlers/web"
	"bookplate/models"
)

// shelfTitles returns the titles of the books on a shelf, in the order of the list.
func (a answer) shelfTitles() string {
	a.Helper()
	var titles []string
	for _, b := range data[[]book](a.wantStatus(http.StatusOK), "successfully retrieved the books on the shelf") {
		titles = append(titles, b.Title)
	}
	return strings.Join(titles, " ")
}

// wantShelves checks the names of all shelves and the number of books on each, written as name:count.
func (s *testServer) wantShelves(token, want string) {
	s.Helper()
	type shelf struct {
		Name  string `json:"name"`
		Books int    `json:"books"`
	}
	var got []string
	for _, sh := range data[[]shelf](s.get("/shelves/", token).wantStatus(http.StatusOK), "successfully retrieved all shelves") {
		got = append(got, fmt.Sprintf("%s:%d", sh.Name, sh.Books))
	}
	if strings.Join(got, " ") != want {
		s.Errorf("shelves %v, want %s", got, want)
	}
}

// shelve puts a book on a shelf.
func (s *testServer) shelve(token, shelf, id string) {
	s.Helper()
	a := s.do(call{method: "PUT", path: "/shelves/" + shelf + "/books/" + id, token: token}).wantStatus(http.StatusOK)
	if b := data[book](a, "the book is on the shelf"); b.ID != id {
		s.Errorf("put %s on the shelf, got %+v", id, b)
	}
}

// addThreeBooks adds Emma, Dune and Carrie and returns their ids.
func (s *testServer) addThreeBooks(token string) (ids []string) {
	s.Helper()
	for _, title := range []string{"Emma", "Dune", "Carrie"} {
		ids = append(ids, s.addBook(token, title).ID)
	}
	return ids
}

func TestShelves(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(bob.Token) // books of any owner can be shelved
		s.wantShelves(ada.Token, "wishlist:0 cart:0")
		if a := s.get("/shelves/wishlist/books", ada.Token); a.shelfTitles() != "" || !strings.Contains(string(a.body), `"data":[]`) {
			s.Errorf("an empty shelf: %s", a.body)
		}
		for _, i := range []int{2, 0, 1, 2, 0} { // shelving a book again changes nothing
			s.shelve(ada.Token, "wishlist", ids[i])
		}
		s.shelve(ada.Token, "To-Read_2026", ids[1])
		s.wantShelves(ada.Token, "wishlist:3 cart:0 to-read_2026:1")
		if got := s.get("/shelves/Wishlist/books/", ada.Token).shelfTitles(); got != "Carrie Emma Dune" {
			s.Errorf("the wish list is %s", got)
		}
		got := data[book](s.get("/shelves/wishlist/books/"+ids[0], ada.Token), "successfully retrieved a book")
		if want := data[book](s.get("/books/"+ids[0], ada.Token), "successfully retrieved a book"); got != want {
			s.Errorf("on the shelf %+v, among the books %+v", got, want)
		}
		for range 2 { // removing it twice is no error
			path := "/shelves/wishlist/books/" + ids[0]
			s.do(call{method: "DELETE", path: path, token: ada.Token}).wantStatus(http.StatusNoContent)
			s.get(path, ada.Token).want(http.StatusNotFound,
				`{"message":"Book not found","data":null,"error":"It is not on this shelf"}`)
		}
		s.wantShelves(ada.Token, "wishlist:2 cart:0 to-read_2026:1")
		s.wantShelves(bob.Token, "wishlist:0 cart:0")
	})
}

func TestShelfPages(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		var want []string
		for i := range 7 {
			title := fmt.Sprintf("V%d", (i*3)%7)
			s.shelve(ada.Token, "cart", s.addBook(ada.Token, title).ID)
			want = append(want, title)
		}
		var got []string
		pages := 0
		for path := "/shelves/cart/books?limit=3"; path != ""; pages++ {
			a := s.get(path, ada.Token)
			got = append(got, a.shelfTitles())
			path = s.nextPath(a)
		}
		if pages != 3 || strings.Join(got, " ") != strings.Join(want, " ") {
			s.Errorf("%d pages %v, want %v", pages, got, want)
		}
	})
}

func TestShelfRefusals(t *testing.T) {
	const notFound = `{"message":"Book not found","data":null,"error":"Not Found"}`
	const characters = `{"message":"Invalid data","data":null,"error":{"name":"must have letters, digits, - and _ only"}}`
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		id := s.addBook(ada.Token, "Emma").ID
		put := func(path string) answer { return s.do(call{method: "PUT", path: path, token: ada.Token}) }
		put("/shelves/cart/books/0123456789abcdef01234567").want(http.StatusNotFound, notFound)
		put("/shelves/cart/books/emma").want(http.StatusNotFound, notFound)
		put("/shelves/a%20b/books/"+id).want(http.StatusBadRequest, characters)
		put("/shelves/"+strings.Repeat("a", 51)+"/books/"+id).want(http.StatusBadRequest,
			`{"message":"Invalid data","data":null,"error":{"name":"must have 1 to 50 characters"}}`)
		s.get("/shelves/a.b/books", ada.Token).want(http.StatusBadRequest, characters)
		s.get("/shelves/a.b/books/"+id, ada.Token).want(http.StatusBadRequest, characters)
		s.do(call{method: "DELETE", path: "/shelves/$/books/" + id, token: ada.Token}).want(http.StatusBadRequest, characters)
		s.get("/shelves/cart/books?limit=0", ada.Token).wantStatus(http.StatusBadRequest)
		s.wantShelves(ada.Token, "wishlist:0 cart:0")
	})
}

// The number of shelves and of books on them is limited, so that listing them stays cheap.
func TestShelfLimits(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	id := s.addBook(ada.Token, "Emma").ID
	for i := range models.DefaultShelfLimits.Shelves {
		s.shelve(ada.Token, fmt.Sprintf("shelf-%d", i), id)
	}
	s.do(call{method: "PUT", path: "/shelves/one-more/books/" + id, token: ada.Token}).want(http.StatusConflict,
		`{"message":"Conflict","data":null,"error":"the limit is 100 shelves with 10000 books in all"}`)
	s.shelve(ada.Token, "shelf-99", s.addBook(ada.Token, "Dune").ID)
}

func TestDeletedBookIsOnNoShelf(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(ada.Token)
		for _, u := range []user{ada, bob} {
			for _, id := range ids {
				s.shelve(u.Token, "wishlist", id)
			}
		}
		s.do(call{method: "DELETE", path: "/books/" + ids[1], token: ada.Token}).wantStatus(http.StatusNoContent)
		for _, u := range []user{ada, bob} {
			if got := s.get("/shelves/wishlist/books", u.Token).shelfTitles(); got != "Emma Carrie" {
				s.Errorf("the wish list is %s", got)
			}
			s.wantShelves(u.Token, "wishlist:2 cart:0")
		}
	})
}

// The list of a shelf is complete even if the server reads it from the store in several batches.
func TestLongShelf(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		shelf := models.ShelfKey{UserID: models.ID(ada.ID), Name: models.Cart}
		var want []string
		for i := range web.Batch + 1 {
			title := fmt.Sprintf("Volume-%04d", i)
			s.storeBook(ada.ID, title, "science")
			want = append(want, title)
		}
		slices.Reverse(want)
		books, err := s.services.Store.Books().List(s.Context(), models.BookFilter{Sort: models.SortCreatedDesc, Limit: 1000})
		if err != nil {
			s.Fatal(err)
		}
		for _, b := range books {
			_, err := s.services.Store.Shelves().Put(s.Context(), shelf, b.ID, models.NewPlace(s.clock.now()), models.DefaultShelfLimits)
			if err != nil {
				s.Fatal(err)
			}
		}
		if got := s.get("/shelves/cart/books", ada.Token).shelfTitles(); got != strings.Join(want, " ") {
			s.Errorf("a shelf of %d books is %s", len(want), got)
		}
	})
}

// moveOnShelf moves a book on a shelf. The body is JSON.
func (s *testServer) moveOnShelf(token, shelf, id, body string) answer {
	s.Helper()
	return s.json("PATCH", "/shelves/"+shelf+"/books/"+id, token, body)
}

func TestBooksAreMovedOnAShelf(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada, bob := s.signedIn("ada@example.com"), s.signedIn("bob@example.com")
		ids := s.addThreeBooks(bob.Token)
		for _, id := range ids {
			s.shelve(ada.Token, "cart", id)
		}
		emma, dune, carrie := ids[0], ids[1], ids[2]
		for _, step := range []struct{ id, body, want string }{
			{carrie, `{"after":null}`, "Carrie Emma Dune"},
			{carrie, `{"after":"` + dune + `"}`, "Emma Dune Carrie"},
			{emma, `{"after":"` + dune + `"}`, "Dune Emma Carrie"},
			{emma, `{"after":"` + emma + `"}`, "Dune Emma Carrie"},
			{emma, `{"after":""}`, "Emma Dune Carrie"},
		} {
			if b := data[book](s.moveOnShelf(ada.Token, "cart", step.id, step.body), "the book is on the shelf"); b.ID != step.id {
				s.Errorf("moved %s, got %+v", step.id, b)
			}
			if got := s.get("/shelves/cart/books?limit=100", ada.Token).shelfTitles(); got != step.want {
				s.Errorf("%s of %s: the shelf has %s, want %s", step.body, step.id, got, step.want)
			}
		}
	})
}

func TestInvalidMovesOnAShelf(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		ids := s.addThreeBooks(ada.Token)
		for _, id := range ids[:2] {
			s.shelve(ada.Token, "cart", id)
		}
		invalid := func(reason string) string {
			return `{"message":"Invalid data","data":null,"code":"invalid_fields","error":{"after":"` + reason + `"}}`
		}
		s.moveOnShelf(ada.Token, "cart", ids[0], `{}`).want(http.StatusBadRequest, invalid("is required"))
		s.moveOnShelf(ada.Token, "cart", ids[0], `{"after":1}`).want(http.StatusBadRequest, invalid("must be text"))
		s.moveOnShelf(ada.Token, "cart", ids[0], `{"after":"emma"}`).want(http.StatusBadRequest, invalid("an id has 24 hex digits"))
		s.moveOnShelf(ada.Token, "cart", ids[0], `{"after":"`+ids[2]+`"}`).want(http.StatusBadRequest, invalid("is not on this shelf"))
		s.moveOnShelf(ada.Token, "cart", ids[2], `{"after":null}`).wantStatus(http.StatusNotFound)
		s.moveOnShelf(ada.Token, "a%20b", ids[0], `{"after":null}`).wantStatus(http.StatusBadRequest)
		if got := s.get("/shelves/cart/books?limit=100", ada.Token).shelfTitles(); got != "Emma Dune" {
			s.Errorf("the shelf has %s", got)
		}
	})
}
