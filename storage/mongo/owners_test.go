package mongo

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// If an account is deleted while one of its books is stored, the book is deleted again, even if the client disconnects.
func TestDisconnectDuringAccountDeletion(t *testing.T) {
	s := open(t, storagetest.MongoURL(t))
	b := models.Book{ID: models.NewID(updatedAt), UserID: models.NewID(updatedAt), BookTexts: models.BookTexts{Title: "Emma"}}
	insert(t, s.db.Collection(booksName), []bson.M{{"_id": objectID(b.ID), "user_id": b.UserID, "title": b.Title}})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.keepIfOwned(cancelled, b.UserID, func(ctx context.Context) error {
		_, err := s.Books().Delete(ctx, b.ID, b.UserID, nil)
		return err
	})
	if !errors.Is(err, models.ErrNoAccount) {
		t.Errorf("got %v, want %v", err, models.ErrNoAccount)
	}
	if _, err := s.Books().Get(t.Context(), b.ID); models.CodeOf(err) != models.NotFound {
		t.Errorf("the book is still there: %v", err)
	}
}
