package mongo

import (
	"fmt"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// If the deletion of a book is interrupted, its places on shelves remain, but no method returns them.
func TestPlacesOfDeletedBooks(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	owner := models.User{ID: models.NewID(updatedAt), Email: "ada@example.com", Active: true}
	shelf := models.ShelfKey{UserID: owner.ID, Name: models.Cart}
	limits := models.ShelfLimits{Shelves: 9, Books: 99}
	check(t, s.Users().Create(t.Context(), owner))
	var ids []models.ID
	for i := range 6 {
		b := models.Book{ID: models.NewID(updatedAt), UserID: owner.ID, BookTexts: models.BookTexts{Title: fmt.Sprint("Emma ", i)}}
		check(t, s.Books().Create(t.Context(), b))
		_, err := s.Shelves().Put(t.Context(), shelf, b.ID, models.NewPlace(time.Now()), limits)
		check(t, err)
		ids = append(ids, b.ID)
	}
	for _, i := range []int{0, 1, 3, 5} {
		_, err := s.db.Collection(booksName).DeleteOne(t.Context(), bson.M{"_id": objectID(ids[i])})
		check(t, err)
		_, err = s.Shelves().Get(t.Context(), shelf, ids[i])
		if models.CodeOf(err) != models.NotFound {
			t.Errorf("a deleted book: got %v, want not found", err)
		}
	}
	for _, limit := range []int{1, 2, 9} {
		var got []models.ID
		f := models.ShelfFilter{ShelfKey: shelf, Limit: limit}
		for range len(ids) + 1 {
			page, err := s.Shelves().Books(t.Context(), f)
			check(t, err)
			for _, b := range page {
				got = append(got, b.ID)
				f.After = b.Place
			}
			if len(page) < limit {
				break
			}
		}
		if len(got) != 2 || got[0] != ids[2] || got[1] != ids[4] {
			t.Errorf("in pages of %d: got %v, want the third and the fifth of %v", limit, got, ids)
		}
	}
	shelves, err := s.Shelves().List(t.Context(), shelf.UserID)
	check(t, err)
	if len(shelves) != 1 || shelves[0].Books != 2 {
		t.Errorf("got the shelves %+v, want one with 2 books", shelves)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
