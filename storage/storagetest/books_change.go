package storagetest

import (
	"strconv"
	"testing"
	"time"

	"bookplate/models"
)

func testBookUpdate(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	other := addBook(t, s, newBook(book.UserID, "Persuasion"))
	for _, up := range []models.BookUpdate{
		{Title: new("Emma, a Novel"), UpdatedAt: later},
		{Description: new(""), UpdatedAt: later},
		{Category: new("romance"), UpdatedAt: later.Add(time.Hour)},
		{Cover: &models.Cover{Name: "1", Sizes: []int{150}}, UpdatedAt: later},
		{Title: new("E"), Description: new("d"), Category: new("horror"), Cover: &models.Cover{}, UpdatedAt: later},
	} {
		before, after, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
		wantOK(t, err)
		wantEqual(t, before, book)
		book = up.Apply(book)
		wantEqual(t, after, book)
		wantEqual(t, getBook(t, s, book.ID), book)
	}
	wantEqual(t, getBook(t, s, other.ID), other)
	addBook(t, s, newBook(book.UserID, "Emma")) // its old title is free
}

func testBookUpdateTimes(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	up := models.BookUpdate{Title: new("Emma II"), UpdatedAt: later.Add(456 * time.Nanosecond).In(time.FixedZone("", 60))}
	_, after, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
	wantOK(t, err)
	wantEqual(t, after.UpdatedAt, later)
	wantEqual(t, getBook(t, s, book.ID), after)
}

func testBookUpdateConflict(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	other := addBook(t, s, newBook(book.UserID, "Persuasion"))
	up := models.BookUpdate{Title: new("Persuasion"), Cover: &models.Cover{Name: "1", Sizes: []int{150}}, UpdatedAt: later}
	_, _, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
	wantCode(t, err, models.Conflict)
	wantEqual(t, getBook(t, s, book.ID), book)
	wantEqual(t, getBook(t, s, other.ID), other)

	strangers := addBook(t, s, newBook(addOwner(t, s), "Mansfield Park"))
	_, after, err := s.Books().Update(t.Context(), strangers.ID, strangers.UserID, up)
	wantOK(t, err)
	wantEqual(t, after.Title, "Persuasion")
}

func testBookSameTitle(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	up := models.BookUpdate{Title: new("Emma"), Description: new("Read again"), UpdatedAt: later}
	_, after, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
	wantOK(t, err)
	wantEqual(t, after, up.Apply(book))
	wantCode(t, s.Books().Create(t.Context(), newBook(book.UserID, "Emma")), models.Conflict)
}

func testBookCoverRace(t *testing.T, s suite) {
	const n = 20
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	replaced := make([]string, n)
	for _, err := range concurrently(n, func(i int) error {
		up := models.BookUpdate{Cover: &models.Cover{Name: strconv.Itoa(i + 1), Sizes: []int{150}}, UpdatedAt: later}
		before, _, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
		replaced[i] = before.Cover.Name
		return err
	}) {
		wantOK(t, err)
	}
	covers := map[string]bool{getBook(t, s, book.ID).Cover.Name: true}
	for _, cover := range replaced {
		covers[cover] = true
	}
	wantEqual(t, len(covers), n+1) // each update replaced a different cover
}

func testBookDelete(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	other := addBook(t, s, newBook(book.UserID, "Persuasion"))
	got, err := s.Books().Delete(t.Context(), book.ID, book.UserID, nil)
	wantOK(t, err)
	wantEqual(t, got, book)
	_, err = s.Books().Get(t.Context(), book.ID)
	wantCode(t, err, models.NotFound)
	wantEqual(t, getBook(t, s, other.ID), other)
	addBook(t, s, newBook(book.UserID, "Emma")) // its title is free
}

func testBookDeleteRace(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	found := 0
	for _, err := range concurrently(10, func(int) error {
		_, err := s.Books().Delete(t.Context(), book.ID, book.UserID, nil)
		return err
	}) {
		if err == nil {
			found++
			continue
		}
		wantCode(t, err, models.NotFound)
	}
	wantEqual(t, found, 1)
}

func testBookDeleteOwned(t *testing.T, s suite) {
	owner := addOwner(t, s)
	left := map[models.ID]models.Book{}
	for i := range 7 {
		book := addBook(t, s, newBook(owner, strconv.Itoa(i)))
		left[book.ID] = book
	}
	others := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	shelf := wishlistOf(others.UserID)
	for _, book := range left {
		putBook(t, s, shelf, book)
	}
	putBook(t, s, shelf, others)
	for _, want := range []int{3, 3, 1, 0} {
		deleted, err := s.Books().DeleteOwned(t.Context(), owner, 3)
		wantOK(t, err)
		wantEqual(t, len(deleted), want)
		for _, book := range deleted {
			wantEqual(t, book, left[book.ID])
			delete(left, book.ID)
			_, err := s.Books().Get(t.Context(), book.ID)
			wantCode(t, err, models.NotFound)
		}
	}
	wantEqual(t, getBook(t, s, others.ID), others)
	wantShelf(t, s, shelf, 10, others)
}
