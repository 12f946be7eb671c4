package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// moveBatch is how many documents are read at a time in order to move them.
const moveBatch = 100

// move moves everything that users have stored about a book to another book.
func (s books) move(ctx context.Context, from, to models.ID) error {
	for _, part := range []struct {
		collection string
		move       func(ctx context.Context, found bson.Raw, to models.ID) error
	}{
		{readingsName, s.readings().move},
		{shelvesName, s.shelves().move},
		{loansName, s.loans().move},
	} {
		if err := s.moveAll(ctx, s.db.Collection(part.collection), from, to, part.move); err != nil {
			return err
		}
	}
	return nil
}

// moveAll moves the documents about a book to another book until none is left. If a document changes while it is moved, it is
// moved again.
func (s *Store) moveAll(
	ctx context.Context, coll *driver.Collection, from, to models.ID, move func(context.Context, bson.Raw, models.ID) error,
) error {
	for {
		var docs []bson.Raw
		err := s.do(func() error {
			cursor, err := coll.Find(ctx, bson.M{"book_id": from}, options.Find().SetLimit(moveBatch))
			if err != nil {
				return err
			}
			return cursor.All(ctx, &docs)
		})
		if err != nil || len(docs) == 0 {
			return err
		}
		for _, doc := range docs {
			if err := move(ctx, doc, to); err != nil {
				return err
			}
		}
	}
}

// recorded are the fields of a reading record that can change.
var recorded = []string{"status", "rating", "progress", "reads", "review", "updated_at"}

// move moves a reading record to another book. If the account already has a record of that book, move combines the two. If
// the record changes meanwhile, it is not deleted, so that moveAll moves it again.
func (s readings) move(ctx context.Context, found bson.Raw, to models.ID) error {
	r, err := readingDocument.read(found)
	if err != nil {
		return err
	}
	from := unchanged(bson.M{"_id": readingID(r.ReadingKey)}, found, recorded...)
	r.BookID = to
	if err := s.add(ctx, r); err != nil {
		return err
	}
	undo := func(ctx context.Context) error { return s.Delete(ctx, r.ReadingKey) }
	if err := s.keepIfOwned(ctx, r.UserID, undo); err != nil && !errors.Is(err, models.ErrNoAccount) {
		return err
	}
	_, err = s.deleteMany(ctx, s.coll, from)
	return err
}

// add stores a reading record. If the account already has a record of the book, add combines the two.
func (s readings) add(ctx context.Context, r models.Reading) error {
	id := bson.M{"_id": readingID(r.ReadingKey)}
	for range maxTries {
		err := s.insert(ctx, r)
		if models.CodeOf(err) != models.Conflict {
			return err
		}
		var found bson.Raw
		err = s.do(func() (err error) {
			found, err = s.coll.FindOne(ctx, id).Raw()
			return err
		})
		if models.CodeOf(err) == models.NotFound {
			continue // it was deleted meanwhile
		}
		if err != nil {
			return err
		}
		if done, err := s.combine(ctx, found, r); done || err != nil {
			return err
		}
	}
	return errContended
}

// combine replaces a stored reading record, found, with its combination with r. done is false if the stored record has
// changed since it was read.
func (s readings) combine(ctx context.Context, found bson.Raw, r models.Reading) (done bool, err error) {
	had, err := readingDocument.read(found)
	if err != nil {
		return false, err
	}
	err = s.do(func() error {
		filter := unchanged(bson.M{"_id": readingID(r.ReadingKey)}, found, recorded...)
		res, err := s.coll.ReplaceOne(ctx, filter, newReadingDocument(had.Combine(r)))
		done = err == nil && res.MatchedCount > 0
		return err
	})
	return done, err
}

// move moves a book's place on a shelf to another book. If the other book is already on the shelf, it keeps its own place.
func (s shelves) move(ctx context.Context, found bson.Raw, to models.ID) error {
	var doc shelvedDoc
	if err := bson.Unmarshal(found, &doc); err != nil {
		return err
	}
	from, shelf := doc.ID, models.ShelfKey{UserID: models.ID(doc.UserID), Name: string(doc.Shelf)}
	doc.ID, doc.BookID = shelvedID(shelf, to), text(to)
	if err := s.insert(ctx, doc); err != nil {
		return err
	}
	undo := func(ctx context.Context) error { return s.Remove(ctx, shelf, to) }
	if err := s.keepIfOwned(ctx, shelf.UserID, undo); err != nil && !errors.Is(err, models.ErrNoAccount) {
		return err
	}
	_, err := s.deleteMany(ctx, s.coll, bson.M{"_id": from})
	return err
}

// move moves a loan to another book. An open loan gets a free slot of that book. If the loan is returned meanwhile, it is not
// moved now, so that moveAll moves it again.
func (s loans) move(ctx context.Context, found bson.Raw, to models.ID) error {
	l, err := loanDocument.read(found)
	if err != nil {
		return err
	}
	id := objectID(l.ID)
	if !l.Open() {
		return s.set(ctx, bson.M{"_id": id, "returned_at": bson.M{"$ne": nil}}, bson.M{"book_id": to})
	}
	for n := 0; ; n++ {
		set := bson.M{"book_id": to, slotKey: slotOf(to, n)}
		if err := s.set(ctx, bson.M{"_id": id, "returned_at": nil}, set); models.CodeOf(err) != models.Conflict {
			return err
		}
	}
}

// set changes a loan if it satisfies cond.
func (s loans) set(ctx context.Context, cond, set bson.M) error {
	err := s.do(func() error {
		_, err := s.coll.UpdateOne(ctx, cond, bson.M{"$set": set})
		return err
	})
	return s.conflict(ctx, s.coll, cond["_id"], set, err)
}
