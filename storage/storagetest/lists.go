package storagetest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"bookplate/models"
)

var listTests = map[string]func(*testing.T, suite){
	"covers are found by name":               testCovers,
	"pages in every order, of every filter":  testBookPages,
	"a page follows a book that is gone":     testBookPageAfterDelete,
	"an empty list is no error":              testBookListEmpty,
	"a count leaves the page out of account": testBookCount,
}

// addShelf stores what the lists are taken from: three owners who share their titles, and titles that sort differently
// by bytes, by letters, by UTF-16 (the emoji is behind the full-width A only by bytes) and when normalised.
func addShelf(t *testing.T, s suite) []models.Book {
	t.Helper()
	owners := []models.ID{addOwner(t, s), addOwner(t, s), addOwner(t, s)}
	titles := []string{"Emma", "emma", "Zoë", "Zoe\u0308", "a", "a\x00", "a b", "Ａ", "😀", ""}
	var shelf []models.Book
	for i, title := range titles {
		for j, owner := range owners {
			book := newBook(owner, title)
			book.Category = models.DefaultCategories[(i+j)%3]
			shelf = append(shelf, book)
		}
	}
	for _, i := range rand.Perm(len(shelf)) { // the order of writing has to make no difference
		addBook(t, s, shelf[i])
	}
	return shelf
}

// pick is what a list has to return, pages left out.
func pick(shelf []models.Book, f models.BookFilter) []models.Book {
	var books []models.Book
	for _, b := range shelf {
		if (f.UserID == "" || b.UserID == f.UserID) && (f.Category == "" || b.Category == f.Category) {
			books = append(books, b)
		}
	}
	slices.SortFunc(books, func(a, b models.Book) int {
		if f.Sort == models.SortTitle || f.Sort == models.SortTitleDesc {
			return cmp.Or(cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
		}
		return cmp.Compare(a.ID, b.ID)
	})
	if f.Sort == models.SortCreatedDesc || f.Sort == models.SortTitleDesc {
		slices.Reverse(books)
	}
	return books
}

// maxPages is more than any list here has.
const maxPages = 100

// readPages reads a list page by page to its end.
func readPages(t *testing.T, s suite, f models.BookFilter) []models.Book {
	t.Helper()
	var books []models.Book
	for range maxPages {
		page, err := s.Books().List(t.Context(), f)
		wantOK(t, err)
		if len(page) > f.Limit {
			t.Fatalf("a page of at most %d has %d books", f.Limit, len(page))
		}
		books = append(books, page...)
		if len(page) < f.Limit {
			return books
		}
		last := page[len(page)-1]
		f.After = &models.Cursor{ID: last.ID, Title: last.Title}
	}
	t.Fatalf("the list does not end: %+v", f)
	return nil
}

func testBookPages(t *testing.T, s suite) {
	shelf := addShelf(t, s)
	for _, sort := range models.BookSorts {
		for _, owner := range []models.ID{"", shelf[0].UserID, models.NewID(now)} {
			for _, category := range []string{"", shelf[0].Category, "horror"} {
				for _, limit := range []int{1, 4, 100} {
					f := models.BookFilter{UserID: owner, Category: category, Sort: sort, Limit: limit}
					wantSame(t, readPages(t, s, f), pick(shelf, f))
				}
			}
		}
	}
}

func testBookPageAfterDelete(t *testing.T, s suite) {
	shelf := addShelf(t, s)
	for _, sort := range models.BookSorts {
		f := models.BookFilter{Sort: sort, Limit: 100}
		all := pick(shelf, f)
		gone := all[3]
		_, err := s.Books().Delete(t.Context(), gone.ID, gone.UserID)
		wantOK(t, err)
		f.After = &models.Cursor{ID: gone.ID, Title: gone.Title}
		wantSame(t, readPages(t, s, f), all[4:])
		addBook(t, s, gone)
	}
}

func testBookListEmpty(t *testing.T, s suite) {
	for _, sort := range models.BookSorts {
		f := models.BookFilter{Sort: sort, Limit: 5, After: &models.Cursor{ID: models.NewID(now), Title: "Emma"}}
		wantEqual(t, len(readPages(t, s, f)), 0)
	}
}

func testBookCount(t *testing.T, s suite) {
	shelf := addShelf(t, s)
	for _, owner := range []models.ID{"", shelf[0].UserID, models.NewID(now)} {
		for _, category := range []string{"", shelf[0].Category, "horror"} {
			f := models.BookFilter{UserID: owner, Category: category, Sort: models.SortTitle, Limit: 2}
			f.After = &models.Cursor{ID: shelf[9].ID, Title: shelf[9].Title}
			n, err := s.Books().Count(t.Context(), f)
			wantOK(t, err)
			wantEqual(t, n, int64(len(pick(shelf, f))))
		}
	}
}

func testCovers(t *testing.T, s suite) {
	owner := addOwner(t, s)
	for _, title := range []string{"a", "b", "c"} {
		book := newBook(owner, title)
		book.Cover = models.Cover{Name: title, Sizes: []int{150}}
		addBook(t, s, book)
	}
	used, err := s.Books().Covers(t.Context(), []string{"c", "x", "a", ""})
	wantOK(t, err)
	if len(used) != 2 || used[0] != "a" && used[1] != "a" || used[0] != "c" && used[1] != "c" {
		t.Errorf("the names in use are %q, want a and c", used)
	}
	used, err = s.Books().Covers(t.Context(), nil)
	wantOK(t, err)
	wantEqual(t, len(used), 0)
}
