package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// throttles keeps the tallies of what is limited.
type throttles struct {
	*Store
	coll *driver.Collection
}

// throttleDoc is a tally as it is stored.
type throttleDoc struct {
	Key       text   `bson:"_id"`
	Count     int    `bson:"count"`
	At        moment `bson:"at"`
	ExpiresAt moment `bson:"expires_at"`
}

func newThrottleDoc(key string, t models.Tally) throttleDoc {
	return throttleDoc{text(key), t.Count, moment(t.At), moment(t.ExpiresAt)}
}

func (d throttleDoc) tally() models.Tally {
	return models.Tally{Count: d.Count, At: time.Time(d.At), ExpiresAt: time.Time(d.ExpiresAt)}
}

// Get returns the tallies of these keys.
func (s throttles) Get(ctx context.Context, keys ...string) ([]models.Tally, error) {
	byKey := make(map[string]models.Tally, len(keys))
	err := s.do(func() error {
		cursor, err := s.coll.Find(ctx, bson.M{"_id": bson.M{"$in": keys}})
		if err != nil {
			return err
		}
		var docs []throttleDoc
		if err := cursor.All(ctx, &docs); err != nil {
			return err
		}
		for _, doc := range docs {
			byKey[string(doc.Key)] = doc.tally()
		}
		return nil
	})
	tallies := make([]models.Tally, len(keys))
	for i, key := range keys {
		tallies[i] = byKey[key]
	}
	return tallies, err
}

// Change reads the tally, and writes the changed one on the condition that what it read is still there; else it begins
// anew. $inc would do for counting up, but not for what declines in time.
func (s throttles) Change(ctx context.Context, key string, change func(models.Tally) models.Tally) error {
	for range maxTries {
		was, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		done := false
		err = s.do(func() (err error) {
			done, err = s.swap(ctx, key, was[0], change(was[0]))
			return err
		})
		if err != nil || done {
			return err
		}
	}
	return errContended
}

// swap puts a tally in another's place, unless that is not there any more.
func (s throttles) swap(ctx context.Context, key string, was, is models.Tally) (done bool, err error) {
	none := models.Tally{}
	switch {
	case was == none && is == none:
		return true, nil
	case was == none:
		_, err := s.coll.InsertOne(ctx, newThrottleDoc(key, is))
		if driver.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, err
	case is == none:
		res, err := s.coll.DeleteOne(ctx, newThrottleDoc(key, was))
		return err == nil && res.DeletedCount == 1, err
	}
	res, err := s.coll.ReplaceOne(ctx, newThrottleDoc(key, was), newThrottleDoc(key, is))
	return err == nil && res.MatchedCount == 1, err
}

// DeleteExpired removes the tallies that expired before now.
func (s throttles) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
