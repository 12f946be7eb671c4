package mongo

import (
	"cmp"
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
	"bookplate/storage/mongo/client"
)

// joinedField is the field of the first document that has the second one, in an array.
const joinedField = "joined"

// join reads two documents by one command: the one with an id in coll, and the one in another collection that filter finds. If
// one of them is missing, the error is ErrNoDocuments. The stage $lookup with a pipeline needs MongoDB 3.6:
// https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/.
func join(
	ctx context.Context, coll *driver.Collection, id any, other string, filter bson.D,
) (first, second bson.Raw, err error) {
	cursor, err := coll.Aggregate(ctx, bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: "_id", Value: id}}}},
		bson.D{{Key: "$lookup", Value: bson.D{
			{Key: "from", Value: other},
			{Key: "pipeline", Value: bson.A{bson.D{{Key: "$match", Value: filter}}}},
			{Key: "as", Value: joinedField},
		}}},
	})
	if err != nil {
		return nil, nil, err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
	if !cursor.Next(ctx) {
		return nil, nil, cmp.Or(cursor.Err(), driver.ErrNoDocuments)
	}
	second, found := cursor.Current.Lookup(joinedField, "0").DocumentOK()
	if !found {
		return nil, nil, driver.ErrNoDocuments
	}
	return cursor.Current, second, nil
}

// findJoins sets s.joins. It tries a join with the document of the state, because not every server with MongoDB's protocol has
// the stage $lookup.
func (s *Store) findJoins(ctx context.Context) error {
	state := s.db.Collection(stateName)
	_, _, err := join(ctx, state, stateID, stateName, bson.D{{Key: "_id", Value: stateID}})
	if models.CodeOf(client.Translate(err)) == models.Unavailable {
		return err
	}
	s.joins.Store(err == nil)
	return nil
}
