package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// A database of the tutorial has the collections users and books. Their documents get here what makes them unique,
// email_key and title_key; nothing else of them is touched. The accounts get it before the first call is served, the
// books beside the calls; documents that the tutorial's code goes on storing get it within the hour. The tutorial looks
// for a duplicate and then inserts, so that two requests at once can make one: the earliest, by _id, gets the key. The
// others go without and are named in the log; they are served all the same.

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

// addLegacyKeys gives all documents that lack their key one. What an earlier, interrupted call did, it does not do again.
func (s *Store) addLegacyKeys(ctx context.Context) error {
	for _, l := range []legacy{legacyUsers, legacyBooks} {
		if err := l.addKeys(ctx, s, nil); err != nil {
			return err
		}
	}
	return s.endPreparing(ctx)
}

// addKeys gives their key to the documents that lack it and that match. It reads them batch by batch, so that memory
// stays flat, the earliest first.
func (l legacy) addKeys(ctx context.Context, s *Store, match bson.M) error {
	filter := l.keyless(ids("", ""))
	maps.Copy(filter, match)
	cursor, err := s.db.Collection(l.collection).Find(ctx, filter, options.Find().
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
		if err := l.setKeys(ctx, s, batch); err != nil {
			return err
		}
		s.noteProgress(len(batch))
		batch = batch[:0]
	}
	return cursor.Err()
}

// setKeys gives each document of a batch its key unless another one has it. If another document takes a key in between,
// the unique index refuses the second one, and the batch is looked at again.
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
			l.noteDuplicate(s, doc.ID, holder)
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
	if driver.IsDuplicateKeyError(err) {
		return l.setKeys(ctx, s, batch)
	}
	return err
}

// noteDuplicate names a duplicate in the log, once as long as the server runs.
func (l legacy) noteDuplicate(s *Store, id, holder bson.ObjectID) {
	if id == holder {
		return
	}
	if _, known := s.duplicates.LoadOrStore(id, true); !known {
		s.log.Warn("an old "+l.what+" is a duplicate of another one", "id", id.Hex(), "other", holder.Hex())
	}
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
