package mongo

import (
	"context"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// A database of the tutorial has the collections users and books. What makes their documents unique here, email_key and
// title_key, they get before the first call is served; nothing else of them is touched. The tutorial looks for a
// duplicate and then inserts, so that two requests at once can make one: the earliest, by _id, gets the key. The others
// go without and are named in the log; they are served all the same.

// legacyBatch is how many documents get their keys together, by two calls to the server. It is small, so that a call is
// short on any server and an attempt that ends early has got somewhere.
const legacyBatch = 50

// legacy is how the documents of one collection get their key.
type legacy struct {
	collection string
	what       string // a document, for the log
	field      string // the key's
	eligible   bson.M // finds the documents that may have the key
	sources    bson.M // projects what the key is made of
	key        func(legacyDoc) string
}

// legacyDoc is what a key is made of.
type legacyDoc struct {
	ID     bson.ObjectID `bson:"_id"`
	Email  string        `bson:"email"`
	UserID string        `bson:"user_id"`
	Title  string        `bson:"title"`
}

var legacies = []legacy{
	{
		collection: usersName, what: "account", field: emailKey,
		eligible: bson.M{"active": activeFlag, "email": bson.M{"$type": "string"}},
		sources:  bson.M{"email": 1},
		key:      func(d legacyDoc) string { return models.EmailKey(d.Email) },
	},
	{
		collection: booksName, what: "book", field: titleKey,
		eligible: bson.M{"user_id": bson.M{"$type": "string"}, "title": bson.M{"$type": "string"}},
		sources:  bson.M{"user_id": 1, "title": 1},
		key:      func(d legacyDoc) string { return titleKeyOf(d.UserID, d.Title) },
	},
}

// addLegacyKeys gives the tutorial's documents their keys. What an earlier, interrupted call did, it does not do again.
func (s *Store) addLegacyKeys(ctx context.Context) error {
	for _, l := range legacies {
		if err := l.addKeys(ctx, s.db.Collection(l.collection), s.log); err != nil {
			return err
		}
	}
	return nil
}

// addKeys reads the documents without a key batch by batch, so that memory stays flat, the earliest first.
func (l legacy) addKeys(ctx context.Context, coll *driver.Collection, log *slog.Logger) error {
	cursor, err := coll.Find(ctx, l.keyless(ids("", "")), options.Find().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetProjection(l.sources).SetBatchSize(legacyBatch))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read
	var batch []legacyDoc
	for cursor.Next(ctx) {
		var doc legacyDoc
		if err := cursor.Decode(&doc); err != nil {
			return err
		}
		batch = append(batch, doc)
		if cursor.RemainingBatchLength() > 0 {
			continue
		}
		if err := l.setKeys(ctx, coll, log, batch); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return cursor.Err()
}

// setKeys gives each document of a batch its key unless another one has it. If another copy of the server takes a key
// in between, the unique index refuses the second, and the next attempt to prepare the database finds it taken.
func (l legacy) setKeys(ctx context.Context, coll *driver.Collection, log *slog.Logger, batch []legacyDoc) error {
	holders, err := l.holders(ctx, coll, batch)
	if err != nil {
		return err
	}
	var updates []driver.WriteModel
	for _, doc := range batch {
		key := l.key(doc)
		if holder, taken := holders[key]; taken {
			log.Warn("an old "+l.what+" is a duplicate of an earlier one", "id", doc.ID.Hex(), "earlier", holder.Hex())
			continue
		}
		holders[key] = doc.ID
		updates = append(updates, driver.NewUpdateOneModel().
			SetFilter(l.keyless(doc.ID)). // it may have changed since it was read
			SetUpdate(bson.M{"$set": bson.M{l.field: key}}))
	}
	if len(updates) == 0 {
		return nil
	}
	_, err = coll.BulkWrite(ctx, updates, options.BulkWrite().SetOrdered(false))
	return err
}

// keyless finds the documents of that id that may have the key and lack it.
func (l legacy) keyless(id any) bson.M {
	filter := bson.M{"_id": id, l.field: bson.M{"$exists": false}}
	for field, cond := range l.eligible {
		filter[field] = cond
	}
	return filter
}

// holders are the documents that have a key of the batch already.
func (l legacy) holders(ctx context.Context, coll *driver.Collection, batch []legacyDoc) (map[string]bson.ObjectID, error) {
	keys := make([]string, len(batch))
	for i, doc := range batch {
		keys[i] = l.key(doc)
	}
	cursor, err := coll.Find(ctx, bson.M{l.field: bson.M{"$in": keys}}, options.Find().SetProjection(bson.M{l.field: 1}))
	if err != nil {
		return nil, err
	}
	var docs []bson.Raw
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	holders := make(map[string]bson.ObjectID, len(batch))
	for _, doc := range docs {
		holders[doc.Lookup(l.field).StringValue()] = doc.Lookup("_id").ObjectID()
	}
	return holders, nil
}
