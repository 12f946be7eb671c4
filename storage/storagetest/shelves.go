package storagetest

import (
	"errors"
	"testing"
	"time"

	"bookplate/models"
)

var shelfTests = map[string]func(*testing.T, suite){
	"books are in the order of their places":       testShelfOrder,
	"a shelf is read in pages":                     testShelfPages,
	"a book is on a shelf once":                    testShelfTwice,
	"20 concurrent equal puts store one":           testShelfRace,
	"an unknown book is not found":                 testShelfUnknownBook,
	"a shelf belongs to its owner":                 testShelfOwner,
	"shelves are listed by name with their counts": testShelfList,
	"a book is removed from one shelf":             testShelfRemove,
	"books are moved on a shelf":                   testShelfMove,
	"books that are not on the shelf do not move":  testShelfMoveMissing,
	"a deleted book is on no shelf":                testShelfDeletedBook,
	"limits are enforced":                          testShelfLimits,
	"all shelves of a user are deleted":            testShelfDeleteAll,
}

// highLimits allow more shelves and books than the tests store.
var highLimits = models.ShelfLimits{Shelves: 100, Books: 100}

func wishlistOf(user models.ID) models.ShelfKey {
	return models.ShelfKey{UserID: user, Name: models.Wishlist}
}

func putBook(t *testing.T, s suite, shelf models.ShelfKey, b models.Book) {
	t.Helper()
	got, err := s.Shelves().Put(t.Context(), shelf, b.ID, models.NewPlace(now), highLimits)
	wantOK(t, err)
	wantEqual(t, got, b)
}

// addBooks stores books with the given titles, which have one owner.
func addBooks(t *testing.T, s suite, titles ...string) []models.Book {
	t.Helper()
	owner := addOwner(t, s)
	books := make([]models.Book, len(titles))
	for i, title := range titles {
		books[i] = addBook(t, s, newBook(owner, title))
	}
	return books
}

// wantShelf checks the books on a shelf, read in pages of limit.
func wantShelf(t *testing.T, s suite, shelf models.ShelfKey, limit int, want ...models.Book) {
	t.Helper()
	var got []models.Book
	f := models.ShelfFilter{ShelfKey: shelf, Limit: limit}
	for range maxPages {
		page, err := s.Shelves().Books(t.Context(), f)
		wantOK(t, err)
		for _, b := range page {
			got = append(got, b.Book)
			f.After = b.Place
		}
		if len(page) < limit {
			break
		}
	}
	wantEqualList(t, got, want)
}

// wantShelves checks the names and counts of a user's shelves.
func wantShelves(t *testing.T, s suite, user models.ID, want ...models.Shelf) {
	t.Helper()
	got, err := s.Shelves().List(t.Context(), user)
	wantOK(t, err)
	wantEqualList(t, got, want)
}

func testShelfOrder(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie")
	shelf := wishlistOf(addOwner(t, s))
	for i, put := range []struct {
		book int
		at   time.Time
	}{{1, later}, {0, later.Add(time.Millisecond)}, {2, now}} {
		_, err := s.Shelves().Put(t.Context(), shelf, books[put.book].ID, models.NewPlace(put.at), highLimits)
		wantOK(t, err)
		got, err := s.Shelves().Get(t.Context(), shelf, books[put.book].ID)
		wantOK(t, err)
		wantEqual(t, got, books[put.book])
		wantShelves(t, s, shelf.UserID, models.Shelf{Name: models.Wishlist, Books: int64(i + 1)})
	}
	wantShelf(t, s, shelf, 10, books[2], books[1], books[0])
}

func testShelfPages(t *testing.T, s suite) {
	books := addBooks(t, s, "G", "F", "E", "D", "C", "B", "A")
	shelf, other := wishlistOf(addOwner(t, s)), wishlistOf(addOwner(t, s))
	for _, b := range books {
		putBook(t, s, shelf, b)
	}
	putBook(t, s, other, books[0])
	for _, limit := range []int{1, 3, 7, 100} {
		wantShelf(t, s, shelf, limit, books...)
	}
	wantShelf(t, s, wishlistOf(addOwner(t, s)), 10)
}

func testShelfMove(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie", "Ivanhoe")
	emma, dune, carrie, ivanhoe := books[0], books[1], books[2], books[3]
	shelf, other := wishlistOf(addOwner(t, s)), wishlistOf(addOwner(t, s))
	move := func(b models.Book, after models.ID) {
		t.Helper()
		wantOK(t, s.Shelves().Move(t.Context(), shelf, b.ID, after))
	}
	putBook(t, s, other, dune)
	putBook(t, s, shelf, emma)
	move(emma, "")
	wantShelf(t, s, shelf, 10, emma)
	for _, b := range books[1:] {
		putBook(t, s, shelf, b)
	}
	for _, step := range []struct {
		moved models.Book
		after models.ID
		want  []models.Book
	}{
		{carrie, "", []models.Book{carrie, emma, dune, ivanhoe}},
		{carrie, "", []models.Book{carrie, emma, dune, ivanhoe}},
		{carrie, ivanhoe.ID, []models.Book{emma, dune, ivanhoe, carrie}},
		{carrie, ivanhoe.ID, []models.Book{emma, dune, ivanhoe, carrie}},
		{ivanhoe, emma.ID, []models.Book{emma, ivanhoe, dune, carrie}},
		{emma, dune.ID, []models.Book{ivanhoe, dune, emma, carrie}},
	} {
		move(step.moved, step.after)
		wantShelf(t, s, shelf, 10, step.want...)
		wantShelf(t, s, shelf, 1, step.want...)
	}
	for range 40 { // more often than there are places with 24 digits between two books
		move(dune, ivanhoe.ID)
		move(emma, ivanhoe.ID)
	}
	wantShelf(t, s, shelf, 1, ivanhoe, emma, dune, carrie)
	added := addBook(t, s, newBook(addOwner(t, s), "Notes"))
	_, err := s.Shelves().Put(t.Context(), shelf, added.ID, models.NewPlace(later), highLimits)
	wantOK(t, err)
	wantShelf(t, s, shelf, 10, ivanhoe, emma, dune, carrie, added)
	wantShelf(t, s, other, 10, dune)
}

func testShelfMoveMissing(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie")
	shelf := wishlistOf(addOwner(t, s))
	for range 2 { // on an empty shelf, and on one with other books
		for _, after := range []models.ID{"", books[0].ID, models.NewID(now)} {
			wantCode(t, s.Shelves().Move(t.Context(), shelf, books[2].ID, after), models.NotFound)
			wantCode(t, s.Shelves().Move(t.Context(), shelf, models.NewID(now), after), models.NotFound)
		}
		putBook(t, s, shelf, books[0])
		putBook(t, s, shelf, books[1])
	}
	wantCode(t, s.Shelves().Move(t.Context(), shelf, books[0].ID, books[2].ID), models.NotFound)
	wantShelf(t, s, shelf, 10, books[0], books[1])
}

func testShelfTwice(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	shelf := wishlistOf(addOwner(t, s))
	for _, i := range []int{0, 1, 0, 0} {
		putBook(t, s, shelf, books[i])
	}
	wantShelf(t, s, shelf, 10, books...)
}

func testShelfRace(t *testing.T, s suite) {
	book := addBooks(t, s, "Emma")[0]
	shelf := wishlistOf(addOwner(t, s))
	for _, err := range concurrently(20, func(int) error {
		_, err := s.Shelves().Put(t.Context(), shelf, book.ID, models.NewPlace(now), highLimits)
		return err
	}) {
		wantOK(t, err)
	}
	wantShelf(t, s, shelf, 10, book)
	wantShelves(t, s, shelf.UserID, models.Shelf{Name: models.Wishlist, Books: 1})
}

func testShelfUnknownBook(t *testing.T, s suite) {
	shelf, unknown := wishlistOf(addOwner(t, s)), models.NewID(now)
	_, err := s.Shelves().Put(t.Context(), shelf, unknown, models.NewPlace(now), highLimits)
	wantCode(t, err, models.NotFound)
	if errors.Is(err, models.ErrNoAccount) {
		t.Errorf("got %v for an existing account", err)
	}
	_, err = s.Shelves().Get(t.Context(), shelf, unknown)
	wantCode(t, err, models.NotFound)
	wantShelves(t, s, shelf.UserID)
}

func testShelfOwner(t *testing.T, s suite) {
	book := addBooks(t, s, "Emma")[0]
	ada, bob := wishlistOf(addOwner(t, s)), wishlistOf(addOwner(t, s))
	putBook(t, s, ada, book)
	wantShelf(t, s, bob, 10)
	wantShelves(t, s, bob.UserID)
	_, err := s.Shelves().Get(t.Context(), bob, book.ID)
	wantCode(t, err, models.NotFound)
	wantOK(t, s.Shelves().Remove(t.Context(), bob, book.ID))
	wantOK(t, s.Shelves().DeleteAll(t.Context(), bob.UserID))
	wantShelf(t, s, ada, 10, book)
}

func testShelfList(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	user := addOwner(t, s)
	for _, name := range []string{"été", "cart", "b", "a-1"} {
		putBook(t, s, models.ShelfKey{UserID: user, Name: name}, books[0])
	}
	putBook(t, s, models.ShelfKey{UserID: user, Name: "b"}, books[1])
	wantShelves(t, s, user, models.Shelf{Name: "a-1", Books: 1}, models.Shelf{Name: "b", Books: 2},
		models.Shelf{Name: "cart", Books: 1}, models.Shelf{Name: "été", Books: 1})
}

func testShelfRemove(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	user := addOwner(t, s)
	wishlist, cart := wishlistOf(user), models.ShelfKey{UserID: user, Name: models.Cart}
	putBook(t, s, wishlist, books[0])
	putBook(t, s, wishlist, books[1])
	putBook(t, s, cart, books[0])
	for range 2 { // removing a missing book is no error
		wantOK(t, s.Shelves().Remove(t.Context(), wishlist, books[0].ID))
		wantShelf(t, s, wishlist, 10, books[1])
	}
	wantShelf(t, s, cart, 10, books[0])
	putBook(t, s, wishlist, books[0])
	wantShelf(t, s, wishlist, 10, books[1], books[0]) // the book is now last
}

func testShelfDeletedBook(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie")
	ada, bob := wishlistOf(addOwner(t, s)), wishlistOf(addOwner(t, s))
	for _, shelf := range []models.ShelfKey{ada, bob} {
		for _, b := range books {
			putBook(t, s, shelf, b)
		}
	}
	_, err := s.Books().Delete(t.Context(), books[1].ID, books[1].UserID, nil)
	wantOK(t, err)
	for _, shelf := range []models.ShelfKey{ada, bob} {
		wantShelf(t, s, shelf, 2, books[0], books[2])
		wantShelves(t, s, shelf.UserID, models.Shelf{Name: models.Wishlist, Books: 2})
		_, err := s.Shelves().Get(t.Context(), shelf, books[1].ID)
		wantCode(t, err, models.NotFound)
	}
	addBook(t, s, books[1]) // a new book with the same id is on no shelf
	wantShelf(t, s, ada, 10, books[0], books[2])
}

func testShelfLimits(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie")
	user := addOwner(t, s)
	put := func(name string, book int) error {
		_, err := s.Shelves().Put(t.Context(), models.ShelfKey{UserID: user, Name: name}, books[book].ID,
			models.NewPlace(now), models.ShelfLimits{Shelves: 2, Books: 3})
		return err
	}
	wantOK(t, put("a", 0))
	wantOK(t, put("b", 0))
	wantCode(t, put("c", 0), models.Conflict)
	wantOK(t, put("b", 1))
	wantCode(t, put("b", 2), models.Conflict)
	wantOK(t, put("b", 1)) // already on the shelf
	wantOK(t, s.Shelves().Remove(t.Context(), models.ShelfKey{UserID: user, Name: "a"}, books[0].ID))
	wantOK(t, put("c", 0))
	putBook(t, s, wishlistOf(addOwner(t, s)), books[0]) // the limits apply to each user separately
}

func testShelfDeleteAll(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	user := addOwner(t, s)
	putBook(t, s, wishlistOf(user), books[0])
	putBook(t, s, models.ShelfKey{UserID: user, Name: models.Cart}, books[1])
	for range 2 {
		wantOK(t, s.Shelves().DeleteAll(t.Context(), user))
		wantShelves(t, s, user)
	}
}
