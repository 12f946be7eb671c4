package storagetest

import (
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
		wantCode(t, s.Books().Create(t.Context(), nobodys), models.NotFound)
		_, err := s.Books().Get(t.Context(), nobodys.ID)
		wantCode(t, err, models.NotFound)
		_, err = s.Shelves().Put(t.Context(), wishlistOf(nobody), book.ID, models.NewPlace(now), ample)
		wantCode(t, err, models.NotFound)
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
			wantCode(t, err, models.NotFound)
		}
		books, err := s.Books().Count(t.Context(), models.BookFilter{UserID: owner})
		wantOK(t, err)
		wantEqual(t, books, 0)
		wantShelves(t, s, owner)
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
