package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// A database of the tutorial has the collections users and books. This file adds the unique keys email_key and
// title_key to their documents and changes no other field. Accounts get their keys before the first call is served.
// Books get theirs in the background. If the tutorial's code is still running and stores more documents, they get their
// keys within keysInterval.
//
// The tutorial checks for a duplicate before it inserts, so concurrent requests can store duplicates. The duplicate
// with the lowest _id gets the key. The other duplicates get no key and are logged. They are served like any other
// document.

// legacyBatch is the number of documents that get their keys together. A batch takes two calls to the server. It is
// small, so that a call is short on a slow server and an interrupted attempt loses little work.
const legacyBatch = 50

// legacy describes how the tutorial's documents in a collection get their unique keys.
type legacy struct {
	collection string
	what       string // the name of a document in the log
	field      string // the field of the key
	eligible   bson.M // matches the documents that should have a key
	sources    bson.M // the projection: the fields that key needs
	key        func(legacyDoc) string
}

// legacyDoc has the fields that a key is computed from.
type legacyDoc struct {
	ID     bson.ObjectID `bson:"_id"`
	Email  string        `bson:"email"`
	UserID string        `bson:"user_id"`
	Title  string        `bson:"title"`
}

var (
	legacyUsers = legacy{
		collection: usersName, what: "account", field: emailKey,
		eligible: bson.M{"active": activeFlag, "email": bson.M{"$type": "string"}},
		sources:  bson.M{"email": 1},
		key:      func(d legacyDoc) string { return models.EmailKey(d.Email) },
	}
	legacyBooks = legacy{
		collection: booksName, what: "book", field: titleKey,
		eligible: bson.M{"user_id": bson.M{"$type": "string"}, "title": bson.M{"$type": "string"}},
		sources:  bson.M{"user_id": 1, "title": 1},
		key: func(d legacyDoc) string {
			return titleKeyOf(models.Book{UserID: models.ID(d.UserID), BookTexts: models.BookTexts{Title: d.Title}})
		},
	}
)

// addLegacyKeys adds the missing keys of all documents. It skips documents that have a key, for example from an
// interrupted call.
func (s *Store) addLegacyKeys(ctx context.Context) error {
	for _, l := range []legacy{legacyUsers, legacyBooks} {
		if err := l.addKeys(ctx, s, nil); err != nil {
			return err
		}
	}
	if err := s.addDerived(ctx); err != nil {
		return err
	}
	return s.endPreparing(ctx)
}

// addKeys adds the missing keys of the documents that the filter match selects. It reads the documents in batches to
// limit the memory, and in the order of _id, so that the earliest of several duplicates gets the key.
func (l legacy) addKeys(ctx context.Context, s *Store, match bson.M) error {
	filter := l.keyless(ids("", ""))
	maps.Copy(filter, match)
	cursor, err := s.db.Collection(l.collection).Find(ctx, filter, options.Find().
		SetSort(bson.D{{Key: "_id", Value: 1}}).SetProjection(l.sources).SetBatchSize(legacyBatch))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
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
		if err := l.setKeys(ctx, s, batch); err != nil {
			return err
		}
		s.addProgress(len(batch))
		batch = batch[:0]
	}
	return cursor.Err()
}

// setKeys computes the key of each document of a batch and stores it. It leaves out documents whose key another
// document already has. If another document takes one of the keys in the meantime, the unique index rejects the update,
// and setKeys starts again.
func (l legacy) setKeys(ctx context.Context, s *Store, batch []legacyDoc) error {
	coll := s.db.Collection(l.collection)
	holders, err := l.holders(ctx, coll, batch)
	if err != nil {
		return err
	}
	var updates []driver.WriteModel
	for _, doc := range batch {
		key := l.key(doc)
		if holder, taken := holders[key]; taken {
			l.logDuplicate(s, doc.ID, holder)
			continue
		}
		holders[key] = doc.ID
		updates = append(updates, driver.NewUpdateOneModel().
			SetFilter(l.keyless(doc.ID)). // the document may have changed since it was read
			SetUpdate(bson.M{"$set": bson.M{l.field: key}}))
	}
	if len(updates) == 0 {
		return nil
	}
	_, err = coll.BulkWrite(ctx, updates, options.BulkWrite().SetOrdered(false))
	if driver.IsDuplicateKeyError(err) {
		return l.setKeys(ctx, s, batch)
	}
	return err
}

// logDuplicate logs that the document id lacks its key because holder has the same one. It logs each document only once
// while the store is open.
func (l legacy) logDuplicate(s *Store, id, holder bson.ObjectID) {
	if id == holder {
		return
	}
	if _, known := s.duplicates.LoadOrStore(id, true); !known {
		s.log.Warn("duplicate "+l.what+" stored by the tutorial", "id", id.Hex(), "other", holder.Hex())
	}
}

// keyless returns a filter for the documents that should have a key but lack it. The argument id is an _id or a
// condition on _id.
func (l legacy) keyless(id any) bson.M {
	filter := bson.M{"_id": id, l.field: bson.M{"$exists": false}}
	for field, cond := range l.eligible {
		filter[field] = cond
	}
	return filter
}

// holders finds the documents that already have one of the keys that a batch needs. It returns their _ids by key.
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
