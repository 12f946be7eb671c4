package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// tokens stores the one-time tokens that are sent by mail.
type tokens struct {
	*Store
	coll *driver.Collection
}

// Create stores a new token.
func (s tokens) Create(ctx context.Context, t models.OneTimeToken) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, tokenDocument.of(t))
		return err
	})
}

// Take deletes a token and returns it. If there is no such token for the purpose, it returns NotFound.
func (s tokens) Take(ctx context.Context, hash string, purpose models.Purpose) (models.OneTimeToken, error) {
	filter := bson.M{"_id": hash, "purpose": purpose}
	return tokenDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndDelete(ctx, filter)
	})
}

// DeleteAll deletes the tokens of a user.
func (s tokens) DeleteAll(ctx context.Context, userID models.ID) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"user_id": userID})
}

// DeleteExpired deletes the tokens that expired before now.
func (s tokens) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
