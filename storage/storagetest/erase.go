package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"bookplate/models"
)

var eraseTests = map[string]func(*testing.T, suite){
	"nothing is stored without an account":     testNoAccount,
	"nothing stored during an erasure remains": testEraseRace,
}

func testNoAccount(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	erased := addOwner(t, s)
	wantOK(t, s.Users().Delete(t.Context(), erased))
	for _, id := range []models.ID{erased, models.NewID(now)} {
		orphan := newBook(id, "Emma")
		wantNoAccount(t, s.Books().Create(t.Context(), orphan))
		_, err := s.Books().Get(t.Context(), orphan.ID)
		wantCode(t, err, models.NotFound)
		_, err = s.Shelves().Put(t.Context(), wishlistOf(id), book.ID, models.NewPlace(now), highLimits)
		wantNoAccount(t, err)
		wantShelves(t, s, id)
		key := models.ReadingKey{UserID: id, BookID: book.ID}
		_, err = s.Readings().Put(t.Context(), key, fullUpdate(now))
		wantNoAccount(t, err)
		wantNoReading(t, s, key)
		wantNoAccount(t, s.Readings().PutGoal(t.Context(), id, 2026, 24))
		wantStats(t, s, id, 2026, models.ReadingStats{})
	}
	disabled := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false) // a disabled account still exists
	addBook(t, s, newBook(disabled.ID, "Emma"))
	putBook(t, s, wishlistOf(disabled.ID), book)
	putReading(t, s, models.ReadingKey{UserID: disabled.ID, BookID: book.ID}, fullUpdate(now))
}

func testEraseRace(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	for range 20 {
		owner := addOwner(t, s)
		for i, err := range concurrently(9, func(i int) error {
			switch {
			case i == 0:
				return eraseAccount(t, s, owner)
			case i%3 == 0:
				return s.Books().Create(t.Context(), newBook(owner, fmt.Sprint("Volume ", i)))
			case i%3 == 1:
				_, err := s.Readings().Put(t.Context(), models.ReadingKey{UserID: owner, BookID: book.ID}, fullUpdate(now))
				return err
			default:
				shelf := models.ShelfKey{UserID: owner, Name: fmt.Sprint("shelf-", i)}
				_, err := s.Shelves().Put(t.Context(), shelf, book.ID, models.NewPlace(now), highLimits)
				return err
			}
		}) {
			if i == 0 || err == nil {
				wantOK(t, err)
				continue
			}
			wantNoAccount(t, err)
		}
		books, err := s.Books().Count(t.Context(), models.BookFilter{UserID: owner})
		wantOK(t, err)
		wantEqual(t, books, 0)
		wantShelves(t, s, owner)
		wantNoReading(t, s, models.ReadingKey{UserID: owner, BookID: book.ID})
	}
}

// wantNoAccount checks that err is models.ErrNoAccount.
func wantNoAccount(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, models.ErrNoAccount) {
		t.Fatalf("got error %v, want %v", err, models.ErrNoAccount)
	}
}

// eraseAccount deletes an account, and after that its books, shelves and reading records. In this order, concurrent
// calls leave nothing behind.
func eraseAccount(t *testing.T, s suite, owner models.ID) error {
	t.Helper()
	if err := s.Users().Delete(t.Context(), owner); err != nil {
		return err
	}
	if _, err := s.Books().DeleteOwned(t.Context(), owner, 9); err != nil {
		return err
	}
	return errors.Join(s.Shelves().DeleteAll(t.Context(), owner), s.Readings().DeleteAll(t.Context(), owner))
}
