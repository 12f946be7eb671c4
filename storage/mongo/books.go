package mongo

import (
	"context"

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

// newBookDocument returns the document of a book, with its key.
func newBookDocument(b models.Book) bson.D {
	return bookDocument.of(b, bson.E{Key: titleKey, Value: titleKeyOf(b)})
}

// titleKeyOf returns the unique key of a book: its owner, its title and, if it has one, its edition. An owner's id has no
// slash and a title no NUL, so the key is unambiguous.
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
		_, err := s.Delete(ctx, b.ID, b.UserID)
		return err
	})
}

// keyTitle gives an old book of that title its key while old books are being prepared, so that the database rejects a second
// book of the title.
func (s books) keyTitle(ctx context.Context, owner models.ID, title string) error {
	if !s.preparing.Load() {
		return nil
	}
	return s.do(func() error { return legacyBooks.addKeys(ctx, s.Store, bson.M{"user_id": owner, "title": title}) })
}

// Get returns a book.
func (s books) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return bookDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
}

// Update changes a book of that owner.
func (s books) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	up.UpdatedAt = milliseconds(up.UpdatedAt)
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	if up.Title == nil && up.Authors == nil && up.ISBN == nil {
		before, err = s.change(ctx, filter, up, "")
	} else {
		before, err = s.changeEdition(ctx, filter, up)
	}
	if err != nil {
		return models.Book{}, models.Book{}, err
	}
	return before, up.Apply(before), nil
}

// changeEdition makes an update that may change a book's key. The key is computed from fields that the update may not have,
// so the update applies only if they have not changed since they were read. An update that does not change the key does not
// set it, because a duplicate stored by the tutorial has no key.
func (s books) changeEdition(ctx context.Context, filter bson.M, up models.BookUpdate) (models.Book, error) {
	for {
		var found bson.Raw
		err := s.do(func() (err error) {
			found, err = s.coll.FindOne(ctx, filter).Raw()
			return err
		})
		if err != nil {
			return models.Book{}, err
		}
		before, err := bookDocument.read(found)
		if err != nil {
			return models.Book{}, err
		}
		key, after := "", up.Apply(before)
		if titleKeyOf(after) != titleKeyOf(before) {
			key = titleKeyOf(after)
			if err := s.keyTitle(ctx, after.UserID, after.Title); err != nil {
				return models.Book{}, err
			}
		}
		before, err = s.change(ctx, unchanged(filter, found, "title", "authors", "isbn"), up, key)
		if models.CodeOf(err) != models.NotFound {
			return before, err
		}
	}
}

// change updates the book that filter finds and returns the book before the update. Fields that the update does not have
// stay unchanged, including those of other programs. An empty key leaves the key unchanged.
func (s books) change(ctx context.Context, filter bson.M, up models.BookUpdate, key string) (models.Book, error) {
	set := bson.M{"updated_at": up.UpdatedAt}
	for field, value := range up.Changes() {
		set[field] = value
	}
	if up.Cover != nil {
		set["cover"], set["cover_sizes"], set["image_url"] = up.Cover.Name, sizes(up.Cover.Sizes), ""
	}
	if key != "" {
		set[titleKey] = key
	}
	before, err := bookDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, bson.M{"$set": set})
	})
	return before, s.conflict(ctx, s.coll, filter["_id"], set, err)
}

// markLent marks a book of that owner as lent. The mark is never cleared, because another loan may begin at the same time.
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

// Delete removes a book of that owner, then its places on shelves, its readings and its loans. They are gone with the first
// write, because their readers look up the books.
func (s books) Delete(ctx context.Context, id, owner models.ID) (models.Book, error) {
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	b, err := bookDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndDelete(ctx, filter)
	})
	if err != nil {
		return models.Book{}, err
	}
	s.clear(ctx, b.ID)
	return b, nil
}

// DeleteOwned removes books of an owner.
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

// clear deletes what users have stored about deleted books. What remains if it fails is not visible to anybody.
func (s books) clear(ctx context.Context, deleted ...models.ID) {
	for _, name := range []string{shelvesName, readingsName, loansName} {
		if _, err := s.deleteMany(ctx, s.db.Collection(name), bson.M{"book_id": bson.M{"$in": deleted}}); err != nil {
			s.log.Warn("what users have stored about deleted books could not be deleted; nobody sees it", "from", name,
				"books", deleted, "error", err)
		}
	}
}

// byID returns the books with these ids that exist, reduced to the fields of a projection.
func (s books) byID(ctx context.Context, ids []models.ID, projection any) (map[models.ID]models.Book, error) {
	found := make(map[models.ID]models.Book, len(ids))
	list, err := bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, bson.M{"_id": bson.M{"$in": objectIDs(ids)}}, options.Find().SetProjection(projection))
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
