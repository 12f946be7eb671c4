package storagetest

import (
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

var bookTests = map[string]func(*testing.T, suite){
	"Get returns a book as created":                  testBookRoundtrip,
	"text is stored unchanged":                       testBookText,
	"times are in UTC with milliseconds":             testBookTimes,
	"an unknown book is not found":                   testBookNotFound,
	"a book of another owner is not found":           testBookOfAnotherOwner,
	"an owner's titles are unique":                   testBookConflict,
	"of 50 concurrent equal books one is created":    testBookRace,
	"an update changes the fields that are set":      testBookUpdate,
	"an update returns the times it stored":          testBookUpdateTimes,
	"an update to another book's title conflicts":    testBookUpdateConflict,
	"an update may keep the title":                   testBookSameTitle,
	"the details of a book are stored":               testBookDetails,
	"books of one title differ in their edition":     testBookEditions,
	"concurrent updates return different old covers": testBookCoverRace,
	"delete returns the book":                        testBookDelete,
	"one of 10 concurrent deletes finds the book":    testBookDeleteRace,
	"an owner's books are deleted in batches":        testBookDeleteOwned,
}

// getBook returns a book, which must exist.
func getBook(t *testing.T, s suite, id models.ID) models.Book {
	t.Helper()
	got, err := s.Books().Get(t.Context(), id)
	wantOK(t, err)
	return got
}

func testBookRoundtrip(t *testing.T, s suite) {
	legacy := newBook(addOwner(t, s), "Persuasion")
	legacy.Cover, legacy.ImageURL = models.Cover{}, "http://localhost:5000/static/cover.jpg"
	for _, book := range []models.Book{newBook(addOwner(t, s), "Emma"), legacy} {
		addBook(t, s, book)
		wantEqual(t, getBook(t, s, book.ID), book)
	}
}

func testBookText(t *testing.T, s suite) {
	owner := addOwner(t, s)
	long := strings.Repeat("é", models.MaxTitle-1) + "!"
	for _, text := range append(hardTexts, long) {
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
	_, err = s.Books().Delete(t.Context(), unknown, owner, nil)
	wantCode(t, err, models.NotFound)
}

func testBookOfAnotherOwner(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	stranger := models.NewID(now)
	_, _, err := s.Books().Update(t.Context(), book.ID, stranger, models.BookUpdate{Title: new("Mine"), UpdatedAt: later})
	wantCode(t, err, models.NotFound)
	_, err = s.Books().Delete(t.Context(), book.ID, stranger, nil)
	wantCode(t, err, models.NotFound)
	wantEqual(t, getBook(t, s, book.ID), book)
}

func testBookConflict(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	wantCode(t, s.Books().Create(t.Context(), newBook(book.UserID, "Emma")), models.Conflict)
	addBook(t, s, newBook(book.UserID, "emma")) // titles compare byte by byte
	addBook(t, s, newBook(addOwner(t, s), "Emma"))
	wantEqual(t, getBook(t, s, book.ID), book)
}

func testBookRace(t *testing.T, s suite) {
	owner := addOwner(t, s)
	wantOneSuccess(t, concurrently(50, func(int) error { return s.Books().Create(t.Context(), newBook(owner, "Emma")) }))
	n, err := s.Books().Count(t.Context(), models.BookFilter{UserID: owner})
	wantOK(t, err)
	wantEqual(t, n, 1)
}
