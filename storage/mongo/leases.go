package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// leases stores the leases.
type leases struct {
	*Store
	coll *driver.Collection
}

// Take acquires or renews a lease. It updates a lease that has expired or belongs to holder. Otherwise it inserts a new
// lease. If another holder has the lease, the insert fails, because _id is unique.
func (s leases) Take(ctx context.Context, name, holder string, now, until time.Time) (taken bool, err error) {
	lease := bson.M{"holder": holder, "until": until}
	err = s.do(func() error {
		free := bson.M{"_id": name, "$or": bson.A{bson.M{"holder": holder}, bson.M{"until": bson.M{"$lte": now}}}}
		res, err := s.coll.UpdateOne(ctx, free, bson.M{"$set": lease})
		if err != nil {
			return err
		}
		if taken = res.MatchedCount > 0; taken {
			return nil
		}
		lease["_id"] = name
		_, err = s.coll.InsertOne(ctx, lease)
		return err
	})
	if models.CodeOf(err) == models.Conflict {
		return false, nil
	}
	return taken || err == nil, err
}

// Release deletes a lease if it belongs to holder.
func (s leases) Release(ctx context.Context, name, holder string) error {
	return s.do(func() error {
		_, err := s.coll.DeleteOne(ctx, bson.M{"_id": name, "holder": holder})
		return err
	})
}
