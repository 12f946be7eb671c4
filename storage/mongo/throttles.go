package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// throttles stores the tallies that the rate limits use.
type throttles struct {
	*Store
	coll *driver.Collection
}

// throttleDoc is the stored document of a tally.
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

// Change reads the tally and replaces it, and starts again if another call changed it in between. $inc would not do,
// because the new tally is computed from the old count and time. After maxTries attempts Change returns Unavailable.
func (s throttles) Change(ctx context.Context, key string, change func(models.Tally) models.Tally) error {
	for range maxTries {
		before, err := s.Get(ctx, key)
		if err != nil {
			return err
		}
		done := false
		err = s.do(func() (err error) {
			done, err = s.swap(ctx, key, before[0], change(before[0]))
			return err
		})
		if err != nil || done {
			return err
		}
	}
	return errContended
}

// swap replaces a tally by after if it still equals before (compare-and-swap), and otherwise returns false. The zero
// tally stands for a missing document.
func (s throttles) swap(ctx context.Context, key string, before, after models.Tally) (done bool, err error) {
	zero := models.Tally{}
	switch {
	case before == zero && after == zero:
		return true, nil
	case before == zero:
		_, err := s.coll.InsertOne(ctx, newThrottleDoc(key, after))
		if driver.IsDuplicateKeyError(err) {
			return false, nil
		}
		return err == nil, err
	case after == zero:
		res, err := s.coll.DeleteOne(ctx, newThrottleDoc(key, before))
		return err == nil && res.DeletedCount == 1, err
	}
	res, err := s.coll.ReplaceOne(ctx, newThrottleDoc(key, before), newThrottleDoc(key, after))
	return err == nil && res.MatchedCount == 1, err
}

// DeleteExpired deletes the tallies that expired before now.
func (s throttles) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
