package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// books stores the books.
type books struct {
	*Store
	coll *driver.Collection
}

// newBookDocument returns the document of a book, including its title_key.
func newBookDocument(b models.Book) bson.D {
	return append(bookDocument.of(b, bson.E{Key: titleKey, Value: titleKeyOf(b)}), derivedFields(b)...)
}

// titleKeyOf returns the unique key of a book. It contains the owner, the title and, if the book has one, the edition.
// An owner's id contains no slash and a title contains no NUL character, so the key is unambiguous.
func titleKeyOf(b models.Book) string {
	key := string(b.UserID) + "/" + b.Title
	if edition := b.Edition(); edition != "" {
		key += "\x00" + edition
	}
	return key
}

// Create stores a new book.
func (s books) Create(ctx context.Context, b models.Book) error {
	if err := s.keyTitle(ctx, b.UserID, b.Title); err != nil {
		return err
	}
	err := s.do(func() error {
		_, err := s.coll.InsertOne(ctx, newBookDocument(b))
		return err
	})
	if err != nil {
		return err
	}
	return s.keepIfOwned(ctx, b.UserID, func(ctx context.Context) error {
		_, err := s.Delete(ctx, b.ID, b.UserID, nil)
		return err
	})
}

// CreateAll stores new books of one owner.
func (s books) CreateAll(ctx context.Context, owner models.ID, list []models.Book) ([]int, error) {
	docs := make([]any, len(list))
	for i, b := range list {
		if err := s.keyTitle(ctx, owner, b.Title); err != nil {
			return nil, err
		}
		docs[i] = newBookDocument(b)
	}
	conflicts, err := s.insertMany(ctx, s.coll, docs)
	if err != nil {
		return nil, err
	}
	return conflicts, s.keepIfOwned(ctx, owner, func(ctx context.Context) error {
		_, err := s.DeleteOwned(ctx, owner, len(list))
		return err
	})
}

// insertMany inserts documents, and returns the positions of those that another document keeps from being inserted.
func (s *Store) insertMany(ctx context.Context, coll *driver.Collection, docs []any) (duplicates []int, err error) {
	if len(docs) == 0 {
		return nil, nil
	}
	err = s.do(func() error {
		_, err := coll.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
		failed, ok := errors.AsType[driver.BulkWriteException](err)
		if !ok || failed.WriteConcernError != nil {
			return err
		}
		for _, e := range failed.WriteErrors {
			if !driver.IsDuplicateKeyError(e.WriteError) {
				return err
			}
			duplicates = append(duplicates, e.Index)
		}
		return nil
	})
	slices.Sort(duplicates)
	return duplicates, err
}

// keyTitle sets the title_key of a book with this title that the tutorial has stored without one, so that the database
// rejects a second book with the title. It does nothing once all such books have keys.
func (s books) keyTitle(ctx context.Context, owner models.ID, title string) error {
	if !s.preparing.Load() {
		return nil
	}
	return s.do(func() error { return legacyBooks.addKeys(ctx, s.Store, bson.M{"user_id": owner, "title": title}) })
}

// Get returns a book.
func (s books) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return bookDocument.one(s.Store, func() *driver.SingleResult {
		return s.coll.FindOne(ctx, notInTrash(bson.M{"_id": objectID(id)}), options.FindOne().SetProjection(withoutTerms))
	})
}

// stored returns NotFound if neither the books nor the trash have the book.
func (s books) stored(ctx context.Context, id models.ID) error {
	return s.do(func() error { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}).Err() })
}

// storedOf returns which of these books are stored. They may be in the trash.
func (s books) storedOf(ctx context.Context, list []models.ID) (map[models.ID]bool, error) {
	found, err := bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, bson.M{"_id": bson.M{"$in": objectIDs(list)}}, options.Find().SetProjection(bson.M{"_id": 1}))
	})
	stored := make(map[models.ID]bool, len(found))
	for _, b := range found {
		stored[b.ID] = true
	}
	return stored, err
}

// Update changes a book, which must belong to owner.
func (s books) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	up.UpdatedAt = milliseconds(up.UpdatedAt)
	filter := ownedBook(id, owner, up.IfVersion)
	if changesDerived(up) {
		before, err = s.changeDerived(ctx, filter, up)
	} else {
		before, err = s.change(ctx, filter, up, nil)
	}
	if err != nil {
		return models.Book{}, models.Book{}, s.versionError(ctx, filter, err)
	}
	return before, up.Apply(before), nil
}

// changesDerived reports whether an update changes a field from which other fields are computed.
func changesDerived(up models.BookUpdate) bool {
	for name := range up.Changes() {
		if slices.Contains(derivedFrom, name) {
			return true
		}
	}
	return false
}

// changeDerived makes an update that may change computed fields, such as the unique key. A computed field depends on several
// other fields, of which the update may set only some, so changeDerived reads the book first. If the book has changed since
// it was read, changeDerived starts again.
//
// An update that leaves the key unchanged does not store it, because a duplicate stored by the tutorial has no key.
func (s books) changeDerived(ctx context.Context, filter bson.M, up models.BookUpdate) (models.Book, error) {
	for {
		found, err := s.raw(ctx, filter)
		if err != nil {
			return models.Book{}, err
		}
		before, err := bookDocument.read(found)
		if err != nil {
			return models.Book{}, err
		}
		after := up.Apply(before)
		derived := derivedFields(after)
		if key := titleKeyOf(after); key != titleKeyOf(before) {
			derived = append(derived, bson.E{Key: titleKey, Value: key})
			if err := s.keyTitle(ctx, after.UserID, after.Title); err != nil {
				return models.Book{}, err
			}
		}
		before, err = s.change(ctx, unchanged(filter, found, derivedFrom...), up, derived)
		if models.CodeOf(err) != models.NotFound {
			return before, err
		}
	}
}

// raw returns the BSON document of the book that matches filter.
func (s books) raw(ctx context.Context, filter bson.M) (found bson.Raw, err error) {
	err = s.do(func() error {
		found, err = s.coll.FindOne(ctx, filter).Raw()
		return err
	})
	return found, err
}

// change updates the book that matches filter and returns the book before the update. It sets the fields of the update and
// the derived fields. It leaves all other fields alone, because they may belong to other programs.
func (s books) change(ctx context.Context, filter bson.M, up models.BookUpdate, derived bson.D) (models.Book, error) {
	set := bson.M{"updated_at": up.UpdatedAt}
	for _, field := range derived {
		set[field.Key] = field.Value
	}
	for field, value := range up.Changes() {
		set[field] = value
	}
	if up.Cover != nil {
		set["cover"], set["cover_sizes"], set["image_url"] = up.Cover.Name, sizes(up.Cover.Sizes), ""
		set[coverField] = up.Cover.Name != ""
	}
	before, err := bookDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, bson.M{"$set": set, "$inc": bson.M{versionField: 1}})
	})
	return before, s.conflict(ctx, s.coll, filter["_id"], set, err)
}

// markLent marks a book of this owner as lent. The mark is never cleared, because another loan may begin at the same
// time.
func (s books) markLent(ctx context.Context, id, owner models.ID) error {
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	return s.writeOne(ctx, s.coll, filter, func() error {
		return s.do(func() error {
			res, err := s.coll.UpdateOne(ctx, filter, bson.M{"$set": bson.M{"lent": true}})
			if err == nil && res.MatchedCount == 0 {
				return driver.ErrNoDocuments
			}
			return err
		})
	})
}

// Delete deletes a book of this owner, and then the book's places on shelves, its reading records and its loans. These
// are invisible as soon as the book is deleted, because every query for them looks up the book.
func (s books) Delete(ctx context.Context, id, owner models.ID, ifVersion models.Versions) (models.Book, error) {
	filter := ownedBook(id, owner, ifVersion)
	b, err := bookDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndDelete(ctx, filter)
	})
	if err != nil {
		return models.Book{}, s.versionError(ctx, filter, err)
	}
	s.clear(ctx, b.ID)
	return b, nil
}

// DeleteOwned deletes up to limit books of an owner.
func (s books) DeleteOwned(ctx context.Context, owner models.ID, limit int) ([]models.Book, error) {
	list, err := s.List(ctx, models.BookFilter{UserID: owner, Sort: models.SortCreated, Limit: limit})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	gone := make([]models.ID, len(list))
	for i, b := range list {
		gone[i] = b.ID
	}
	if _, err := s.deleteMany(ctx, s.coll, bson.M{"_id": bson.M{"$in": objectIDs(gone)}, "user_id": owner}); err != nil {
		return nil, err
	}
	s.clear(ctx, gone...)
	return list, nil
}

// clear deletes the places on shelves, the reading records and the loans of deleted books. If a deletion fails, some of
// these remain, but nobody sees them.
func (s books) clear(ctx context.Context, deleted ...models.ID) {
	for _, name := range []string{shelvesName, readingsName, loansName} {
		if _, err := s.deleteMany(ctx, s.db.Collection(name), bson.M{"book_id": bson.M{"$in": deleted}}); err != nil {
			s.log.Warn("what users have stored about deleted books could not be deleted; nobody sees it", "from", name,
				"books", deleted, "error", err)
		}
	}
}

// byID looks up books by their ids. It omits books that do not exist, are in the trash or do not satisfy cond. It reads only
// the fields of the projection.
func (s books) byID(
	ctx context.Context, ids []models.ID, cond bson.M, projection any,
) (map[models.ID]models.Book, error) {
	found := make(map[models.ID]models.Book, len(ids))
	list, err := bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, with(notInTrash(bson.M{"_id": bson.M{"$in": objectIDs(ids)}}), cond), options.Find().SetProjection(projection))
	})
	for _, b := range list {
		found[b.ID] = b
	}
	return found, err
}

func objectIDs(list []models.ID) bson.A {
	array := make(bson.A, len(list))
	for i, id := range list {
		array[i] = objectID(id)
	}
	return array
}
