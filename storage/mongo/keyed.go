package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// keyed stores the records of requests with an Idempotency-Key.
type keyed struct {
	*Store
	coll *driver.Collection
}

// Begin reads the record and replaces it by compare-and-swap. If the record has changed since it was read, Begin starts
// again.
func (s keyed) Begin(ctx context.Context, r models.KeyedRequest, now time.Time) (models.KeyedRequest, error) {
	for range maxTries {
		before, err := keyedDocument.one(s.Store, func() *driver.SingleResult {
			return s.coll.FindOne(ctx, bson.M{"_id": r.Key})
		})
		if err != nil && models.CodeOf(err) != models.NotFound {
			return models.KeyedRequest{}, err
		}
		record, runs := r.After(before, now)
		if !runs {
			return record, nil
		}
		done, err := s.swap(ctx, before, record)
		if err != nil {
			return models.KeyedRequest{}, err
		}
		if done {
			return record, s.keepIfOwned(ctx, r.UserID, func(ctx context.Context) error { return s.DeleteAll(ctx, r.UserID) })
		}
	}
	return models.KeyedRequest{}, errContended
}

// swap is a compare-and-swap. It replaces the stored record before with record, or inserts record if before is zero. It
// returns false if the stored record has changed since before was read, by a later attempt or by the answer to the attempt.
func (s keyed) swap(ctx context.Context, before, record models.KeyedRequest) (done bool, err error) {
	err = s.do(func() error {
		if before.Key == "" {
			_, err := s.coll.InsertOne(ctx, keyedDocument.of(record))
			done = err == nil
			return err
		}
		same := bson.M{"_id": before.Key, "attempt": before.Attempt, "answer": bson.M{"$exists": before.Done()}}
		res, err := s.coll.ReplaceOne(ctx, same, keyedDocument.of(record))
		done = err == nil && res.MatchedCount == 1
		return err
	})
	if models.CodeOf(err) == models.Conflict {
		return false, nil
	}
	return done, err
}

// End replaces the record unless a later attempt has replaced it meanwhile.
func (s keyed) End(ctx context.Context, r models.KeyedRequest) error {
	return s.do(func() error {
		_, err := s.coll.ReplaceOne(ctx, bson.M{"_id": r.Key, "attempt": r.Attempt}, keyedDocument.of(r))
		return err
	})
}

// DeleteAll deletes the records of a user.
func (s keyed) DeleteAll(ctx context.Context, userID models.ID) error {
	_, err := s.deleteMany(ctx, s.coll, bson.M{"user_id": userID})
	return err
}

// DeleteExpired deletes the records that expired before now.
func (s keyed) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
