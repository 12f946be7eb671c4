package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// trash stores the books in the trash in the collection of books, so that a single write moves a book. A book in the trash
// has no unique key, and its owner is in another field, so that look-ups by the owner do not find it. Look-ups of the books
// of all owners add the condition notInTrash.
type trash struct {
	*Store
	books books
}

// The fields that only a book in the trash has.
const (
	trashedField    = "trashed_at"
	trashOwnerField = "trash_owner" // instead of user_id
)

// notInTrash adds to a filter the condition that the book is not in the trash.
func notInTrash(filter bson.M) bson.M {
	filter[trashedField] = nil
	return filter
}

// Put moves a book of the owner to the trash.
func (s trash) Put(ctx context.Context, id, owner models.ID, at time.Time, ifVersion models.Versions) error {
	filter := ownedBook(id, owner, ifVersion)
	change := bson.M{
		"$set":   bson.M{trashedField: at, trashOwnerField: owner},
		"$unset": bson.M{"user_id": "", titleKey: ""},
	}
	_, err := bookDocument.write(ctx, s.Store, s.books.coll, filter, func() *driver.SingleResult {
		return s.books.coll.FindOneAndUpdate(ctx, filter, change)
	})
	return s.books.versionError(ctx, filter, err)
}

// Get returns a book in the trash.
func (s trash) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return s.find(ctx, bson.M{"_id": objectID(id), trashedField: bson.M{"$exists": true}})
}

func (s trash) find(ctx context.Context, filter bson.M) (models.Book, error) {
	return trashDocument.one(s.Store, func() *driver.SingleResult {
		return s.books.coll.FindOne(ctx, filter, options.FindOne().SetProjection(withoutTerms))
	})
}

// List returns a page of an owner's trash.
func (s trash) List(ctx context.Context, f models.TrashFilter) ([]models.Book, error) {
	cond := trashCond(f)
	if f.After != nil {
		// As in pageOf, the first condition tells the server where to start in the index.
		at := time.UnixMilli(f.After.Number)
		cond[trashedField] = bson.M{"$lte": at}
		cond["$or"] = bson.A{bson.M{trashedField: bson.M{"$lt": at}}, bson.M{"_id": bson.M{"$lt": objectID(f.After.ID)}}}
	}
	latest := bson.D{{Key: trashedField, Value: -1}, {Key: "_id", Value: -1}}
	return trashDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.books.coll.Find(ctx, cond, options.Find().SetSort(latest).SetLimit(int64(f.Limit)).SetProjection(withoutTerms))
	})
}

// Loans returns the loans of books of the owner, also of books in the trash.
func (s trash) Loans(ctx context.Context, owner models.ID, books []models.ID) ([]models.Loan, error) {
	latest := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}})
	return s.loans().find(ctx, bson.M{"book_id": bson.M{"$in": books}, "lender_id": owner}, latest)
}

// Places returns the entries of books on the shelves of a user, also of books in the trash.
func (s trash) Places(ctx context.Context, userID models.ID, books []models.ID) ([]models.ShelfEntry, error) {
	sorted := options.Find().SetSort(bson.D{{Key: "shelf", Value: 1}, {Key: "place", Value: 1}})
	docs, err := s.shelves().find(ctx, bson.M{"book_id": bson.M{"$in": books}, "user_id": userID}, sorted)
	places := make([]models.ShelfEntry, len(docs))
	for i, doc := range docs {
		places[i] = models.ShelfEntry{Shelf: string(doc.Shelf), BookID: models.ID(doc.BookID), Place: models.Place(doc.Place)}
	}
	return places, err
}

// trashCond returns the condition of a filter for the trash, without its page.
func trashCond(f models.TrashFilter) bson.M {
	cond := bson.M{trashedField: bson.M{"$exists": true}}
	if !f.Until.IsZero() {
		cond[trashedField] = bson.M{"$lte": f.Until}
	}
	if f.UserID != "" {
		cond[trashOwnerField] = f.UserID
	}
	return cond
}

// Restore moves a book of the owner out of the trash. The unique key rejects it if the owner has another book with the title.
func (s trash) Restore(ctx context.Context, id, owner models.ID) (models.Book, error) {
	filter := bson.M{"_id": objectID(id), trashOwnerField: owner}
	b, err := s.find(ctx, filter)
	if err != nil {
		return models.Book{}, err
	}
	if err := s.books.keyTitle(ctx, owner, b.Title); err != nil {
		return models.Book{}, err
	}
	set := bson.M{"user_id": owner, titleKey: titleKeyOf(b)}
	change := bson.M{"$set": set, "$unset": bson.M{trashedField: "", trashOwnerField: ""}}
	_, err = bookDocument.write(ctx, s.Store, s.books.coll, filter, func() *driver.SingleResult {
		return s.books.coll.FindOneAndUpdate(ctx, filter, change)
	})
	if err := s.conflict(ctx, s.books.coll, filter["_id"], set, err); err != nil {
		return models.Book{}, err
	}
	b.TrashedAt = time.Time{}
	return b, s.keepIfOwned(ctx, owner, func(ctx context.Context) error {
		_, err := s.books.Delete(ctx, id, owner, nil)
		return err
	})
}

// Delete deletes a book in the trash of the owner.
func (s trash) Delete(ctx context.Context, id, owner models.ID) (models.Book, error) {
	b, err := s.take(ctx, bson.M{"_id": objectID(id), trashOwnerField: owner})
	if err == nil {
		s.books.clear(ctx, b.ID)
	}
	return b, err
}

// take deletes one book that matches the filter, and returns it.
func (s trash) take(ctx context.Context, filter bson.M) (models.Book, error) {
	return trashDocument.write(ctx, s.Store, s.books.coll, filter, func() *driver.SingleResult {
		return s.books.coll.FindOneAndDelete(ctx, filter)
	})
}

// DeleteAll deletes books in the trash. It deletes them one by one, because it must return exactly those that it has deleted,
// and others may be restored at the same time.
func (s trash) DeleteAll(ctx context.Context, f models.TrashFilter) (list []models.Book, err error) {
	for len(list) < f.Limit {
		b, err := s.take(ctx, trashCond(f))
		if models.CodeOf(err) == models.NotFound {
			break
		}
		if err != nil {
			return nil, err
		}
		s.books.clear(ctx, b.ID)
		list = append(list, b)
	}
	return list, nil
}
