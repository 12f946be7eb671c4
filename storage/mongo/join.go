package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
	"bookplate/storage/mongo/client"
)

// joinedField is the field of a joined document with the documents of the other collection.
const joinedField = "joined"

// joined is a document and one of another collection.
type joined struct{ document, other bson.Raw }

// join reads the document with an id, and the document of the collection from that filter finds, by one command. The stage
// $lookup with a pipeline needs MongoDB 3.6: https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/.
// If there is no such document in one of the collections, the error is ErrNoDocuments.
func join(ctx context.Context, coll *driver.Collection, id any, from string, filter bson.D) (joined, error) {
	cursor, err := coll.Aggregate(ctx, bson.A{
		bson.D{{Key: "$match", Value: bson.D{{Key: "_id", Value: id}}}},
		bson.D{{Key: "$lookup", Value: bson.D{
			{Key: "from", Value: from},
			{Key: "let", Value: bson.D{}}, // optional since MongoDB 5.0 only
			{Key: "pipeline", Value: bson.A{bson.D{{Key: "$match", Value: filter}}}},
			{Key: "as", Value: joinedField},
		}}},
	})
	if err != nil {
		return joined{}, err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
	if !cursor.Next(ctx) {
		if err := cursor.Err(); err != nil {
			return joined{}, err
		}
		return joined{}, driver.ErrNoDocuments
	}
	other, found := cursor.Current.Lookup(joinedField, "0").DocumentOK()
	if !found {
		return joined{}, driver.ErrNoDocuments
	}
	return joined{cursor.Current, other}, nil
}

// findJoins sets s.joins. It tries a join with the document of the state, because not every server with MongoDB's protocol has
// the stage $lookup.
func (s *Store) findJoins(ctx context.Context) error {
	state := s.db.Collection(stateName)
	_, err := join(ctx, state, stateID, stateName, bson.D{{Key: "_id", Value: stateID}})
	if models.CodeOf(client.Translate(err)) == models.Unavailable {
		return err
	}
	s.joins = err == nil
	return nil
}
