package mongo

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// kind describes how the records of a collection are found, read and added.
type kind struct {
	collection string
	filter     bson.M
	read       func(bson.Raw) (any, error)
	// document returns the document that stores a record. try is the number of earlier attempts, which failed because the
	// document had a unique value of another one.
	document func(record any, try int) (bson.D, error)
}

// kindOf returns the kind of records of type T that d describes and document stores.
func kindOf[T any](collection string, filter bson.M, d document[T], document func(t T, try int) bson.D) kind {
	return kind{
		collection, filter,
		func(raw bson.Raw) (any, error) { return d.read(raw) },
		func(record any, try int) (bson.D, error) {
			t, ok := record.(T)
			if !ok {
				return nil, &models.Error{Code: models.Internal, Err: fmt.Errorf("cannot add a %T to %s", record, collection)}
			}
			return document(t, try), nil
		},
	}
}

// plain is kindOf for documents without computed fields.
func plain[T any](collection string, filter bson.M, d document[T]) kind {
	return kindOf(collection, filter, d, func(t T, _ int) bson.D { return d.of(t) })
}

// withID is kindOf for documents whose _id is computed from other fields.
func withID[T any](collection string, d document[T], id func(T) any) kind {
	return kindOf(collection, bson.M{}, d, func(t T, _ int) bson.D { return d.of(t, bson.E{Key: "_id", Value: id(t)}) })
}

// byObjectID finds the documents that an id can name.
var byObjectID = bson.M{"_id": ids("", "")}

// kinds are the kinds of records of all collections. Two others have the state of the library and the leases.
var kinds = map[models.Collection]kind{
	models.UserRecords: kindOf(usersName, byObjectID, userDocument, func(u models.User, try int) bson.D {
		return unkeyed(newUserDocument(u), try, emailKey, usernameKey)
	}),
	models.BookRecords: kindOf(booksName, notInTrash(bson.M{"_id": ids("", "")}), bookDocument, func(b models.Book, try int) bson.D {
		return unkeyed(newBookDocument(b), try, titleKey)
	}),
	models.TrashRecords: kindOf(booksName, bson.M{trashedField: bson.M{"$exists": true}}, trashDocument,
		func(b models.Book, _ int) bson.D {
			doc := append(trashDocument.of(b), derivedFields(b)...)
			return slices.DeleteFunc(doc, func(e bson.E) bool { return e.Key == "user_id" })
		}),
	models.LoanRecords: kindOf(loansName, byObjectID, loanDocument, func(l models.Loan, try int) bson.D {
		if !l.Open() {
			return loanDocument.of(l)
		}
		return loanDocument.of(l, bson.E{Key: slotKey, Value: slotOf(l.BookID, try)})
	}),
	models.ReadingRecords: kindOf(readingsName, bson.M{}, readingDocument, func(r models.Reading, _ int) bson.D {
		return newReadingDocument(r)
	}),
	models.ShelfRecords: withID(shelvesName, shelfDocument, func(r models.ShelfRecord) any {
		return shelvedID(models.ShelfKey{UserID: r.UserID, Name: r.Shelf}, r.BookID)
	}),
	models.SourceAnswerRecords: withID(sourceAnswersName, sourceAnswerDocument, func(a models.SourceAnswer) any {
		return sourceAnswerID(a.Source, a.ISBN)["_id"]
	}),
	models.GoalRecords:    plain(goalsName, bson.M{}, goalDocument),
	models.SessionRecords: plain(sessionsName, byObjectID, sessionDocument),
	models.TokenRecords:   plain(tokensName, bson.M{}, tokenDocument),
	models.KeyedRecords:   plain(keyedName, bson.M{}, keyedDocument),
	models.TallyRecords:   plain(throttlesName, bson.M{}, tallyDocument),
	models.AuditRecords:   plain(auditName, byObjectID, auditDocument),
	models.ImportRecords:  plain(importsName, byObjectID, importDocument),
	models.ImportBatchRecords: withID(importBatchesName, importBatchDocument, func(b models.ImportBatch) any {
		return batchID(b.ImportID, b.Number)["_id"]
	}),
}

// unkeyed returns a document without its unique keys if an earlier attempt has failed.
func unkeyed(doc bson.D, try int, keys ...string) bson.D {
	if try == 0 {
		return doc
	}
	return slices.DeleteFunc(doc, func(e bson.E) bool { return slices.Contains(keys, e.Key) })
}

// records reads and writes all that the store has stored.
type records struct{ *Store }

// Count returns the number of records of a collection.
func (s records) Count(ctx context.Context, c models.Collection) (n int64, err error) {
	k := kinds[c]
	err = s.do(func() error {
		n, err = s.db.Collection(k.collection).CountDocuments(ctx, k.filter)
		return err
	})
	return n, err
}

// All returns the records of a collection, in the order of _id.
func (s records) All(ctx context.Context, c models.Collection) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		err := s.do(func() error { return s.each(ctx, kinds[c], func(record any) bool { return yield(record, nil) }) })
		if err != nil {
			yield(nil, err)
		}
	}
}

// each calls yield with each record, until yield returns false.
func (s records) each(ctx context.Context, k kind, yield func(any) bool) error {
	cursor, err := s.db.Collection(k.collection).Find(ctx, k.filter, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
	for cursor.Next(ctx) {
		record, err := k.read(cursor.Current)
		if err != nil {
			return err
		}
		if !yield(record) {
			return nil
		}
		if err := ctx.Err(); err != nil { // Next reads a whole batch without looking at the context
			return err
		}
	}
	return cursor.Err()
}

// addBatch is the number of documents that are inserted with one call. A server that inserts 100 a second is fast enough
// for the time limit of a call.
const addBatch = 500

// Add stores records.
func (s records) Add(ctx context.Context, c models.Collection, list []any) error {
	for batch := range slices.Chunk(list, addBatch) {
		if err := s.addBatch(ctx, kinds[c], batch); err != nil {
			return err
		}
	}
	return nil
}

// addBatch stores some records. If one of them has a unique value of another document, it stores them one by one.
func (s records) addBatch(ctx context.Context, k kind, list []any) error {
	coll := s.db.Collection(k.collection)
	list, docs, err := s.missing(ctx, coll, k, list)
	if err != nil || len(docs) == 0 {
		return err
	}
	err = s.do(func() error {
		_, err := coll.InsertMany(ctx, docs)
		return err
	})
	if models.CodeOf(err) != models.Conflict {
		return err
	}
	for _, record := range list {
		if err := s.addOne(ctx, coll, k, record); err != nil {
			return err
		}
	}
	return nil
}

// addOne stores a record that may be stored already.
func (s records) addOne(ctx context.Context, coll *driver.Collection, k kind, record any) error {
	for try := range maxTries {
		_, docs, err := s.missing(ctx, coll, k, []any{record})
		if err != nil || len(docs) == 0 {
			return err
		}
		doc, err := k.document(record, try)
		if err != nil {
			return err
		}
		err = s.do(func() error {
			_, err := coll.InsertOne(ctx, doc)
			return err
		})
		if models.CodeOf(err) != models.Conflict {
			return err
		}
	}
	return errContended
}

// missing returns the records whose _id is not stored, and their documents.
func (s records) missing(
	ctx context.Context, coll *driver.Collection, k kind, list []any,
) (missing []any, docs []bson.D, err error) {
	all, keys, ids := make([]bson.D, len(list)), make([]string, len(list)), make(bson.A, len(list))
	for i, record := range list {
		if all[i], err = k.document(record, 0); err != nil {
			return nil, nil, err
		}
		ids[i] = all[i][slices.IndexFunc(all[i], func(e bson.E) bool { return e.Key == "_id" })].Value
		_, data, err := bson.MarshalValue(ids[i])
		if err != nil {
			return nil, nil, err
		}
		keys[i] = string(data)
	}
	stored, err := s.stored(ctx, coll, ids)
	if err != nil {
		return nil, nil, err
	}
	for i, record := range list {
		if !stored[keys[i]] {
			missing, docs = append(missing, record), append(docs, all[i])
		}
	}
	return missing, docs, nil
}

// stored returns which of these _ids are stored, by their bytes.
func (s records) stored(ctx context.Context, coll *driver.Collection, ids bson.A) (stored map[string]bool, err error) {
	stored = map[string]bool{}
	err = s.do(func() error {
		cursor, err := coll.Find(ctx, bson.M{"_id": bson.M{"$in": ids}}, options.Find().SetProjection(bson.M{"_id": 1}))
		if err != nil {
			return err
		}
		defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the cursor was only read
		for cursor.Next(ctx) {
			stored[string(cursor.Current.Lookup("_id").Value)] = true
		}
		return cursor.Err()
	})
	return stored, err
}

// Unfinished returns the mark of the library that the store is an unfinished copy of.
func (s records) Unfinished() string { return models.CopiedMark(s.coverMark) }

// Begin makes the store an unfinished copy.
func (s records) Begin(ctx context.Context, mark string) error {
	return s.setMark(ctx, models.UnfinishedCopy(mark))
}

// Finish gives the store the mark of the library that it is a copy of.
func (s records) Finish(ctx context.Context) error { return s.setMark(ctx, s.Unfinished()) }

func (s records) setMark(ctx context.Context, mark string) error {
	err := s.do(func() error {
		_, err := s.db.Collection(stateName).UpdateByID(ctx, stateID, bson.M{"$set": bson.M{"cover_mark": mark}})
		return err
	})
	if err == nil {
		s.coverMark = mark
	}
	return err
}
