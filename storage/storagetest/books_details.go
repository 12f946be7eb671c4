package storagetest

import (
	"testing"

	"bookplate/models"
)

var details = models.BookDetails{
	Subtitle: "An Invention", Authors: []string{"H. G. Wells", "Zoë"}, ISBN: "9780141439976", Publisher: "Heinemann",
	Published: "1895-05", Language: "en", Pages: 128, Series: "Romances", SeriesNumber: 1.5, Tags: []string{"a", "b"},
	Location: "Living room", Copies: 2,
}

func testBookDetails(t *testing.T, s suite) {
	b := newBook(addOwner(t, s), "The Time Machine")
	b.BookDetails = details
	b = addBook(t, s, b)
	for _, up := range []models.BookUpdate{
		{Pages: new(130), UpdatedAt: later},
		{Title: new("The Time Machine II"), UpdatedAt: later},
		{Authors: &[]string{"Wells"}, Tags: new([]string(nil)), UpdatedAt: later},
		{
			Subtitle: new(""), Authors: new([]string(nil)), ISBN: new(""), Publisher: new(""), Published: new(""), Language: new(""),
			Pages: new(0), Series: new(""), SeriesNumber: new(0.0), Location: new(""), Copies: new(0), UpdatedAt: later,
		},
	} {
		before, after, err := s.Books().Update(t.Context(), b.ID, b.UserID, up)
		wantOK(t, err)
		wantEqual(t, before, b)
		b = up.Apply(b)
		wantEqual(t, after, b)
		wantEqual(t, getBook(t, s, b.ID), b)
	}
}

// An owner may have two books with the same title if their authors or ISBNs differ.
func testBookEditions(t *testing.T, s suite) {
	owner := addOwner(t, s)
	plain := addBook(t, s, newBook(owner, "Selected Poems"))
	with := func(d models.BookDetails) models.Book {
		b := newBook(owner, "Selected Poems")
		b.BookDetails = d
		return b
	}
	keats := addBook(t, s, with(models.BookDetails{Authors: []string{"John Keats"}}))
	byron := addBook(t, s, with(models.BookDetails{Authors: []string{"Lord Byron"}}))
	addBook(t, s, with(models.BookDetails{Authors: []string{"Lord Byron"}, ISBN: "9780141439976"}))
	wantCode(t, s.Books().Create(t.Context(), with(models.BookDetails{Authors: []string{"JOHN KEATS"}})), models.Conflict)
	wantCode(t, s.Books().Create(t.Context(), with(models.BookDetails{Pages: 3})), models.Conflict)

	_, _, err := s.Books().Update(t.Context(), byron.ID, owner, models.BookUpdate{Authors: &[]string{"John Keats"}, UpdatedAt: later})
	wantCode(t, err, models.Conflict)
	_, _, err = s.Books().Update(t.Context(), keats.ID, owner, models.BookUpdate{Authors: new([]string(nil)), UpdatedAt: later})
	wantCode(t, err, models.Conflict)
	_, _, err = s.Books().Update(t.Context(), plain.ID, owner, models.BookUpdate{Authors: &[]string{"P. B. Shelley"}, UpdatedAt: later})
	wantOK(t, err)
	_, _, err = s.Books().Update(t.Context(), keats.ID, owner, models.BookUpdate{Authors: new([]string(nil)), UpdatedAt: later})
	wantOK(t, err)
}
