package storagetest

import (
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

var bookTests = map[string]func(*testing.T, suite){
	"a book comes back as created":                    testBookRoundtrip,
	"text comes back as it was":                       testBookText,
	"times come back in UTC with milliseconds":        testBookTimes,
	"unknown books are not found":                     testBookNotFound,
	"another's book is not found":                     testBookOfAnother,
	"an owner has a title once":                       testBookConflict,
	"50 equal books at once make one":                 testBookRace,
	"an update changes what it names":                 testBookUpdate,
	"an update returns what it stored":                testBookUpdateTimes,
	"an update to another book's title conflicts":     testBookUpdateConflict,
	"a book may be renamed to its own title":          testBookSameTitle,
	"of racing updates each sees another book before": testBookCoverRace,
	"delete returns the book":                         testBookDelete,
	"of racing deletes one finds the book":            testBookDeleteRace,
	"an owner's books go batch by batch":              testBookDeleteOwned,
}

// getBook returns a book that has to be there.
func getBook(t *testing.T, s suite, id models.ID) models.Book {
	t.Helper()
	got, err := s.Books().Get(t.Context(), id)
	wantOK(t, err)
	return got
}

func testBookRoundtrip(t *testing.T, s suite) {
	tutorials := newBook(addOwner(t, s), "Persuasion")
	tutorials.Cover, tutorials.ImageURL = models.Cover{}, "http://localhost:5000/static/cover.jpg"
	for _, book := range []models.Book{newBook(addOwner(t, s), "Emma"), tutorials} {
		addBook(t, s, book)
		wantEqual(t, getBook(t, s, book.ID), book)
	}
}

func testBookText(t *testing.T, s suite) {
	owner := addOwner(t, s)
	long := strings.Repeat("é", models.MaxTitle-1) + "!"
	for _, text := range append(awkward, long) {
		book := newBook(owner, text)
		book.Description = strings.Repeat(text, models.MaxDescription/models.MaxTitle)
		addBook(t, s, book)
		wantEqual(t, getBook(t, s, book.ID), book)
		wantCode(t, s.Books().Create(t.Context(), newBook(owner, text)), models.Conflict)
	}
}

func testBookTimes(t *testing.T, s suite) {
	precise := newBook(addOwner(t, s), "Precise")
	precise.CreatedAt = now.Add(999_999 * time.Nanosecond).In(time.FixedZone("", -5*60*60))
	addBook(t, s, precise)
	wantEqual(t, getBook(t, s, precise.ID).CreatedAt, now)

	zero := newBook(addOwner(t, s), "Zero")
	zero.CreatedAt, zero.UpdatedAt = time.Time{}, time.Time{}
	addBook(t, s, zero)
	wantEqual(t, getBook(t, s, zero.ID), zero)
}

func testBookNotFound(t *testing.T, s suite) {
	unknown, owner := models.NewID(now), models.NewID(now)
	_, err := s.Books().Get(t.Context(), unknown)
	wantCode(t, err, models.NotFound)
	_, _, err = s.Books().Update(t.Context(), unknown, owner, models.BookUpdate{Title: new("Emma"), UpdatedAt: later})
	wantCode(t, err, models.NotFound)
	_, err = s.Books().Delete(t.Context(), unknown, owner)
	wantCode(t, err, models.NotFound)
}

func testBookOfAnother(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	stranger := models.NewID(now)
	_, _, err := s.Books().Update(t.Context(), book.ID, stranger, models.BookUpdate{Title: new("Mine"), UpdatedAt: later})
	wantCode(t, err, models.NotFound)
	_, err = s.Books().Delete(t.Context(), book.ID, stranger)
	wantCode(t, err, models.NotFound)
	wantEqual(t, getBook(t, s, book.ID), book)
}

func testBookConflict(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	wantCode(t, s.Books().Create(t.Context(), newBook(book.UserID, "Emma")), models.Conflict)
	addBook(t, s, newBook(book.UserID, "emma")) // titles compare by their bytes
	addBook(t, s, newBook(addOwner(t, s), "Emma"))
	wantEqual(t, getBook(t, s, book.ID), book)
}

func testBookRace(t *testing.T, s suite) {
	owner := addOwner(t, s)
	wantOneSuccess(t, atOnce(50, func(int) error { return s.Books().Create(t.Context(), newBook(owner, "Emma")) }))
	n, err := s.Books().Count(t.Context(), models.BookFilter{UserID: owner})
	wantOK(t, err)
	wantEqual(t, n, 1)
}
