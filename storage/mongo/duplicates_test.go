package mongo

import (
	"testing"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// Books may be deleted after a list has found that several have a value. A group of fewer than two books is left out.
func TestGroupOfDeletedBooks(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	waitPrepared(t, s)
	owner := models.User{ID: models.NewID(updatedAt), Email: "ada@example.com", Active: true}
	check(t, s.Users().Create(t.Context(), owner))
	const isbn = "9780306406157"
	for want := range 3 { // the number of books with the ISBN
		g, found, err := books{s, s.db.Collection(booksName)}.group(t.Context(), owner.ID, models.FieldValue{Field: models.FieldISBN, Folded: isbn})
		check(t, err)
		if found != (want > 1) || found && len(g.Books) != want {
			t.Errorf("with %d books: found %t, %+v", want, found, g)
		}
		b := models.Book{ID: models.NewID(updatedAt), UserID: owner.ID, BookTexts: models.BookTexts{Title: string(models.NewID(updatedAt))}}
		b.ISBN = isbn
		check(t, s.Books().Create(t.Context(), b))
	}
}
