package storagetest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"bookplate/models"
)

var listTests = map[string]func(*testing.T, suite){
	"Covers returns the names in use":    testCovers,
	"pages for every sort and filter":    testBookPages,
	"a page starts after a deleted book": testBookPageAfterDelete,
	"a list may be empty":                testBookListEmpty,
	"a count ignores the page":           testBookCount,
}

// bookSorts returns every order that a list of books can have without a search.
func bookSorts() (sorts []models.BookSort) {
	for _, sort := range models.BookSorts {
		sorts = append(sorts, sort, "-"+sort)
	}
	return sorts
}

// addBooksToList stores the books of the list tests. Three owners have books with the same titles. The titles have a
// different order by bytes, by letters, in UTF-16 and after normalisation. For example, the emoji sorts after the
// full-width A by bytes, but before it in UTF-16.
func addBooksToList(t *testing.T, s suite) []models.Book {
	t.Helper()
	owners := []models.ID{addOwner(t, s), addOwner(t, s), addOwner(t, s)}
	titles := []string{"Emma", "emma", "Zoë", "Zoe\u0308", "a", "a\x00", "a b", "Ａ", "😀", ""}
	var list []models.Book
	for i, title := range titles {
		for j, owner := range owners {
			book := newBook(owner, title)
			book.Category = models.DefaultCategories[(i+j)%3]
			list = append(list, book)
		}
	}
	for _, i := range rand.Perm(len(list)) { // the order of creation must not matter
		addBook(t, s, list[i])
	}
	return list
}

// filterBooks returns the books that a filter selects, sorted. It ignores the page of the filter.
func filterBooks(list []models.Book, f models.BookFilter) []models.Book {
	var books []models.Book
	for _, b := range list {
		if (f.UserID == "" || b.UserID == f.UserID) && (f.Category == "" || b.Category == f.Category) {
			books = append(books, b)
		}
	}
	sortBooks(books, f)
	return books
}

// sortBooks sorts books by f.Sort.
func sortBooks(books []models.Book, f models.BookFilter) {
	_, descending := f.Sort.Ascending()
	slices.SortFunc(books, func(a, b models.Book) int {
		x, y := f.Cursor(a), f.Cursor(b)
		c := cmp.Or(cmp.Compare(x.Part, y.Part), cmp.Compare(x.Key, y.Key), cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID))
		if descending {
			return -c
		}
		return c
	})
}

// maxPages is more than the number of pages of any list in the tests.
const maxPages = 100

// readPages reads all pages of a list.
func readPages(t *testing.T, s suite, f models.BookFilter) []models.Book {
	t.Helper()
	var books []models.Book
	for range maxPages {
		page, err := s.Books().List(t.Context(), f)
		wantOK(t, err)
		if len(page) > f.Limit {
			t.Fatalf("the limit is %d, but the page has %d books", f.Limit, len(page))
		}
		books = append(books, page...)
		if len(page) < f.Limit {
			return books
		}
		last := page[len(page)-1]
		f.After = new(f.Cursor(last))
	}
	t.Fatalf("the list does not end: %+v", f)
	return nil
}

func testBookPages(t *testing.T, s suite) {
	list := addBooksToList(t, s)
	for _, sort := range bookSorts() {
		for _, owner := range []models.ID{"", list[0].UserID, models.NewID(now)} {
			for _, category := range []string{"", list[0].Category, "horror"} {
				limits := []int{4}
				if category == "" {
					limits = []int{1, 100}
				}
				for _, limit := range limits {
					f := models.BookFilter{UserID: owner, Category: category, Sort: sort, Limit: limit}
					wantEqualList(t, readPages(t, s, f), filterBooks(list, f))
				}
			}
		}
	}
}

func testBookPageAfterDelete(t *testing.T, s suite) {
	list := addBooksToList(t, s)
	for _, sort := range bookSorts() {
		f := models.BookFilter{Sort: sort, Limit: 100}
		all := filterBooks(list, f)
		deleted := all[3]
		_, err := s.Books().Delete(t.Context(), deleted.ID, deleted.UserID, nil)
		wantOK(t, err)
		f.After = new(f.Cursor(deleted))
		wantEqualList(t, readPages(t, s, f), all[4:])
		addBook(t, s, deleted)
	}
}

func testBookListEmpty(t *testing.T, s suite) {
	for _, sort := range bookSorts() {
		f := models.BookFilter{Sort: sort, Limit: 5, After: &models.Cursor{ID: models.NewID(now), Key: "emma"}}
		wantEqual(t, len(readPages(t, s, f)), 0)
	}
}

func testBookCount(t *testing.T, s suite) {
	list := addBooksToList(t, s)
	for _, owner := range []models.ID{"", list[0].UserID, models.NewID(now)} {
		for _, category := range []string{"", list[0].Category, "horror"} {
			f := models.BookFilter{UserID: owner, Category: category, Sort: models.SortTitle, Limit: 2}
			f.After = new(f.Cursor(list[9]))
			n, err := s.Books().Count(t.Context(), f)
			wantOK(t, err)
			wantEqual(t, n, int64(len(filterBooks(list, f))))
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
