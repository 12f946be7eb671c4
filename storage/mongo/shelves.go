package mongo

import (
	"cmp"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// shelves stores the users' shelves. A document stands for one book on one shelf. If the deletion of a book was
// interrupted, or another call stored a document at the same time, the document can remain without its book. So the
// methods that return books look them up and skip such documents.
type shelves struct {
	*Store
	coll  *driver.Collection
	books books
}

// shelvedDoc is the document of a book on a shelf. Its unique _id makes sure that the book is on the shelf only once.
type shelvedDoc struct {
	ID     text `bson:"_id"`
	UserID text `bson:"user_id"` // hex digits, as in a book
	Shelf  text `bson:"shelf"`
	BookID text `bson:"book_id"` // hex digits
	Place  text `bson:"place"`
}

// shelvedID returns the _id of a book on a shelf. It is unambiguous, because ids and names of shelves contain no slash.
func shelvedID(shelf models.ShelfKey, bookID models.ID) text {
	return text(shelf.UserID) + "/" + text(shelf.Name) + "/" + text(bookID)
}

// List returns the shelves of a user.
func (s shelves) List(ctx context.Context, userID models.ID) ([]models.Shelf, error) {
	docs, err := s.find(ctx, bson.M{"user_id": userID}, options.Find().SetProjection(bson.M{"shelf": 1, "book_id": 1}))
	if err != nil {
		return nil, err
	}
	found, err := s.booksOf(ctx, docs, bson.M{"_id": 1})
	if err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, doc := range docs {
		if _, ok := found[models.ID(doc.BookID)]; ok {
			counts[string(doc.Shelf)]++
		}
	}
	var list []models.Shelf
	for name, n := range counts {
		list = append(list, models.Shelf{Name: name, Books: n})
	}
	slices.SortFunc(list, func(a, b models.Shelf) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// Books returns a page of a shelf. It skips books that do not exist any more, and continues until the page is full.
func (s shelves) Books(ctx context.Context, f models.ShelfFilter) ([]models.ShelvedBook, error) {
	var page []models.ShelvedBook
	for len(page) < f.Limit {
		docs, err := s.find(ctx,
			bson.M{"user_id": f.UserID, "shelf": f.Name, "place": bson.M{"$gt": f.After}},
			options.Find().SetSort(bson.D{{Key: "place", Value: 1}}).SetLimit(int64(f.Limit-len(page))))
		if err != nil || len(docs) == 0 {
			return page, err
		}
		found, err := s.booksOf(ctx, docs, nil)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			if b, ok := found[models.ID(doc.BookID)]; ok {
				page = append(page, models.ShelvedBook{Book: b, Place: models.Place(doc.Place)})
			}
		}
		f.After = models.Place(docs[len(docs)-1].Place)
	}
	return page, nil
}

// Get returns a book that is on the shelf.
func (s shelves) Get(ctx context.Context, shelf models.ShelfKey, bookID models.ID) (models.Book, error) {
	err := s.do(func() error { return s.coll.FindOne(ctx, bson.M{"_id": shelvedID(shelf, bookID)}).Err() })
	if err != nil {
		return models.Book{}, err
	}
	return s.books.Get(ctx, bookID)
}

// Put puts a book on a shelf.
func (s shelves) Put(
	ctx context.Context, shelf models.ShelfKey, bookID models.ID, place models.Place, limits models.ShelfLimits,
) (models.Book, error) {
	b, err := s.Get(ctx, shelf, bookID)
	if models.CodeOf(err) != models.NotFound {
		return b, err // the book is on the shelf already, or the call failed
	}
	if b, err = s.books.Get(ctx, bookID); err != nil {
		return models.Book{}, err
	}
	has, err := s.sizes(ctx, shelf.UserID)
	if err != nil {
		return models.Book{}, err
	}
	if err := limits.Check(has, shelf.Name); err != nil {
		return models.Book{}, err
	}
	doc := shelvedDoc{shelvedID(shelf, bookID), text(shelf.UserID), text(shelf.Name), text(bookID), text(place)}
	if err := s.insert(ctx, doc); err != nil {
		return models.Book{}, err
	}
	return b, s.keepIfOwned(ctx, shelf.UserID, func(ctx context.Context) error { return s.Remove(ctx, shelf, bookID) })
}

// insert stores the place of a book on a shelf. It does nothing if another call has put the book on the shelf meanwhile.
func (s shelves) insert(ctx context.Context, doc shelvedDoc) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, doc)
		if driver.IsDuplicateKeyError(err) {
			return nil
		}
		return err
	})
}

// Move moves a book on a shelf. It chooses the place between the places that the other books have when it reads them.
func (s shelves) Move(ctx context.Context, shelf models.ShelfKey, bookID, after models.ID) error {
	place := func(filter bson.M) (models.Place, error) {
		filter["user_id"], filter["shelf"] = shelf.UserID, shelf.Name
		docs, err := s.find(ctx, filter, options.Find().SetSort(bson.D{{Key: "place", Value: 1}}).SetLimit(1))
		if err != nil || len(docs) == 0 {
			return "", err
		}
		return models.Place(docs[0].Place), nil
	}
	var before models.Place
	if after != "" {
		var err error
		if before, err = place(bson.M{"_id": shelvedID(shelf, after)}); err != nil {
			return err
		}
		if before == "" {
			return &models.Error{Code: models.NotFound}
		}
	}
	moved := bson.M{"_id": shelvedID(shelf, bookID)}
	next, err := place(bson.M{"_id": bson.M{"$ne": moved["_id"]}, "place": bson.M{"$gt": before}})
	if err != nil {
		return err
	}
	if before == "" && next == "" { // there is no other book on the shelf
		return s.do(func() error { return s.coll.FindOne(ctx, moved).Err() })
	}
	return s.writeOne(ctx, s.coll, moved, func() error {
		return s.do(func() error {
			res, err := s.coll.UpdateOne(ctx, moved, bson.M{"$set": bson.M{"place": models.Between(before, next)}})
			if err == nil && res.MatchedCount == 0 {
				return driver.ErrNoDocuments
			}
			return err
		})
	})
}

// PutAll puts books on shelves of a user. A document whose book does not exist does no harm, because it is skipped.
func (s shelves) PutAll(
	ctx context.Context, userID models.ID, list []models.ShelfEntry, limits models.ShelfLimits,
) ([]int, error) {
	has, err := s.sizes(ctx, userID)
	if err != nil {
		return nil, err
	}
	full := limits.Full(has, list)
	var docs []any
	for i, entry := range list {
		if !slices.Contains(full, i) {
			id := shelvedID(models.ShelfKey{UserID: userID, Name: entry.Shelf}, entry.BookID)
			docs = append(docs, shelvedDoc{id, text(userID), text(entry.Shelf), text(entry.BookID), text(entry.Place)})
		}
	}
	if _, err := s.insertMany(ctx, s.coll, docs); err != nil {
		return nil, err
	}
	return full, s.keepIfOwned(ctx, userID, func(ctx context.Context) error { return s.DeleteAll(ctx, userID) })
}

// Remove takes a book off a shelf.
func (s shelves) Remove(ctx context.Context, shelf models.ShelfKey, bookID models.ID) error {
	return s.do(func() error {
		_, err := s.coll.DeleteOne(ctx, bson.M{"_id": shelvedID(shelf, bookID)})
		return err
	})
}

// DeleteAll takes all books off all shelves of a user.
func (s shelves) DeleteAll(ctx context.Context, userID models.ID) error {
	return s.do(func() error {
		_, err := s.coll.DeleteMany(ctx, bson.M{"user_id": userID})
		return err
	})
}

// sizes counts the books on each of a user's shelves. The server can compute the counts from an index alone. They may
// include deleted books, which is good enough for a limit.
func (s shelves) sizes(ctx context.Context, userID models.ID) (shelves []models.Shelf, err error) {
	var sizes []struct {
		Name  text  `bson:"_id"`
		Books int64 `bson:"books"`
	}
	err = s.do(func() error {
		cursor, err := s.coll.Aggregate(ctx, bson.A{
			bson.M{"$match": bson.M{"user_id": userID}},
			bson.M{"$group": bson.M{"_id": "$shelf", "books": bson.M{"$sum": 1}}},
		})
		if err != nil {
			return err
		}
		return cursor.All(ctx, &sizes)
	})
	for _, size := range sizes {
		shelves = append(shelves, models.Shelf{Name: string(size.Name), Books: size.Books})
	}
	return shelves, err
}

// find returns the documents that match filter.
func (s shelves) find(
	ctx context.Context, filter bson.M, opts *options.FindOptionsBuilder,
) (docs []shelvedDoc, err error) {
	err = s.do(func() error {
		cursor, err := s.coll.Find(ctx, filter, opts)
		if err != nil {
			return err
		}
		return cursor.All(ctx, &docs)
	})
	return docs, err
}

// booksOf looks up the books of some documents of shelves. It omits books that do not exist, and reads only the fields
// of the projection.
func (s shelves) booksOf(ctx context.Context, docs []shelvedDoc, projection any) (map[models.ID]models.Book, error) {
	ids := make([]models.ID, len(docs))
	for i, doc := range docs {
		ids[i] = models.ID(doc.BookID)
	}
	return s.books.byID(ctx, ids, bson.M{}, projection)
}
