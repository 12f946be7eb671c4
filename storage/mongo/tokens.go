package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// tokens keeps the tokens that were sent by mail.
type tokens struct {
	*Store
	coll *driver.Collection
}

// tokenDoc is a token as it is stored. Its hash is its _id: that is how it is found, and unique without an index more.
type tokenDoc struct {
	Hash      text   `bson:"_id"`
	Purpose   text   `bson:"purpose"`
	UserID    text   `bson:"user_id"` // hex digits, as in a book
	Email     text   `bson:"email"`
	ExpiresAt moment `bson:"expires_at"`
}

// Create stores a new token.
func (s tokens) Create(ctx context.Context, t models.OneTimeToken) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, tokenDoc{
			Hash: text(t.Hash), Purpose: text(t.Purpose), UserID: text(t.UserID), Email: text(t.Email),
			ExpiresAt: moment{t.ExpiresAt},
		})
		return err
	})
}

// Take removes a token and returns it.
func (s tokens) Take(ctx context.Context, hash string, purpose models.Purpose) (models.OneTimeToken, error) {
	var doc tokenDoc
	err := s.do(func() error {
		return s.coll.FindOneAndDelete(ctx, bson.M{"_id": hash, "purpose": purpose}).Decode(&doc)
	})
	return models.OneTimeToken{
		Hash: string(doc.Hash), Purpose: models.Purpose(doc.Purpose), UserID: models.ID(doc.UserID),
		Email: string(doc.Email), ExpiresAt: doc.ExpiresAt.Time,
	}, err
}

// DeleteAll removes the tokens of a user.
func (s tokens) DeleteAll(ctx context.Context, userID models.ID) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"user_id": userID})
}

// DeleteExpired removes the tokens that expired before now.
func (s tokens) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": moment{now}}})
}
