package storagetest

import (
	"errors"
	"fmt"
	"testing"

	"bookplate/models"
)

var eraseTests = map[string]func(*testing.T, suite){
	"nothing is stored for nobody":                  testNobodysThings,
	"what is under way goes with an erased account": testEraseRace,
}

func testNobodysThings(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	erased := addOwner(t, s)
	wantOK(t, s.Users().Delete(t.Context(), erased))
	for _, nobody := range []models.ID{erased, models.NewID(now)} {
		nobodys := newBook(nobody, "Emma")
		wantNoAccount(t, s.Books().Create(t.Context(), nobodys))
		_, err := s.Books().Get(t.Context(), nobodys.ID)
		wantCode(t, err, models.NotFound)
		_, err = s.Shelves().Put(t.Context(), wishlistOf(nobody), book.ID, models.NewPlace(now), ample)
		wantNoAccount(t, err)
		wantShelves(t, s, nobody)
	}
	disabled := setActive(t, s, addUser(t, s, newUser("ada@example.com")), false) // it may be enabled again
	addBook(t, s, newBook(disabled.ID, "Emma"))
	putBook(t, s, wishlistOf(disabled.ID), book)
}

func testEraseRace(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	for range 20 {
		owner := addOwner(t, s)
		for i, err := range atOnce(9, func(i int) error {
			switch {
			case i == 0:
				return eraseAccount(t, s, owner)
			case i%2 == 0:
				return s.Books().Create(t.Context(), newBook(owner, fmt.Sprint("Volume ", i)))
			default:
				shelf := models.ShelfKey{UserID: owner, Name: fmt.Sprint("shelf-", i)}
				_, err := s.Shelves().Put(t.Context(), shelf, book.ID, models.NewPlace(now), ample)
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
	}
}

// wantNoAccount checks that nothing was stored, its owner having no account.
func wantNoAccount(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, models.ErrNoAccount) {
		t.Fatalf("got error %v, want %v", err, models.ErrNoAccount)
	}
}

// eraseAccount removes an account in the order that leaves nothing.
func eraseAccount(t *testing.T, s suite, owner models.ID) error {
	t.Helper()
	if err := s.Users().Delete(t.Context(), owner); err != nil {
		return err
	}
	if _, err := s.Books().DeleteOwned(t.Context(), owner, 9); err != nil {
		return err
	}
	return s.Shelves().DeleteAll(t.Context(), owner)
}
