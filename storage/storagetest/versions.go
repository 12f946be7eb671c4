package storagetest

import (
	"fmt"
	"testing"

	"bookplate/models"
)

var versionTests = map[string]func(*testing.T, suite){
	"each update has a version":                   testVersionCounts,
	"an update applies to its versions":           testVersionUpdate,
	"a deletion applies to its versions":          testVersionDelete,
	"of 100 concurrent updates one has a version": testVersionRace,
}

func testVersionCounts(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	wantEqual(t, getBook(t, s, book.ID).Version, 0)
	for i, up := range []models.BookUpdate{
		{Title: new("Emma II")}, {Description: new("A novel")}, {Cover: &models.Cover{Name: "1"}}, {Pages: new(3)},
	} {
		before, after, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
		wantOK(t, err)
		wantEqual(t, []int{before.Version, after.Version, getBook(t, s, book.ID).Version}, []int{i, i + 1, i + 1})
	}
	lend(t, s, newLoan(book))
	wantEqual(t, getBook(t, s, book.ID).Version, 4) // a loan does not change the book
}

func testVersionUpdate(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	update := func(up models.BookUpdate, versions ...int) error {
		up.UpdatedAt, up.IfVersion = later, append(models.Versions{}, versions...)
		_, _, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
		return err
	}
	wantOK(t, update(models.BookUpdate{Category: new("science")}, 0))
	wantCode(t, update(models.BookUpdate{Category: new("horror")}, 0), models.PreconditionFailed)
	wantCode(t, update(models.BookUpdate{Title: new("Emma II")}, 0), models.PreconditionFailed)
	wantCode(t, update(models.BookUpdate{Title: new("Emma II")}), models.PreconditionFailed)
	wantOK(t, update(models.BookUpdate{Title: new("Emma II")}, 0, 1))
	got := getBook(t, s, book.ID)
	wantEqual(t, got.BookTexts, models.BookTexts{Title: "Emma II", Description: book.Description, Category: "science"})

	book.ID = models.NewID(now)
	wantCode(t, update(models.BookUpdate{Category: new("horror")}, 0), models.NotFound)
	book.ID, book.UserID = got.ID, models.NewID(now)
	wantCode(t, update(models.BookUpdate{Title: new("Mine")}, 2), models.NotFound)
}

func testVersionDelete(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	remove := func(owner models.ID, versions ...int) error {
		_, err := s.Books().Delete(t.Context(), book.ID, owner, append(models.Versions{}, versions...))
		return err
	}
	wantCode(t, remove(book.UserID, 1), models.PreconditionFailed)
	wantCode(t, remove(book.UserID), models.PreconditionFailed)
	wantCode(t, remove(models.NewID(now), 0), models.NotFound)
	wantEqual(t, getBook(t, s, book.ID), book)
	wantOK(t, remove(book.UserID, 2, 0))
	wantCode(t, remove(book.UserID, 0), models.NotFound)
}

func testVersionRace(t *testing.T, s suite) {
	book := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	for version := range 2 {
		won := ""
		for i, err := range concurrently(100, func(i int) error {
			up := models.BookUpdate{Title: new(fmt.Sprint("Volume ", i)), UpdatedAt: later, IfVersion: models.Versions{version}}
			if i%2 == 0 {
				up.Title, up.Category = nil, new(fmt.Sprint("Volume ", i))
			}
			_, _, err := s.Books().Update(t.Context(), book.ID, book.UserID, up)
			return err
		}) {
			if err == nil {
				wantEqual(t, won, "")
				won = fmt.Sprint("Volume ", i)
				continue
			}
			wantCode(t, err, models.PreconditionFailed)
		}
		got := getBook(t, s, book.ID)
		wantEqual(t, got.Version, version+1)
		wantEqual(t, got.Title == won || got.Category == won, true)
	}
}
