package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// books keeps the books.
type books struct {
	*Store
	coll *driver.Collection
}

// bookDoc is a book as it is stored. The tutorial's own documents have the first six fields and no others.
type bookDoc struct {
	ID          objectID `bson:"_id"`
	Title       text     `bson:"title"`
	Description text     `bson:"description"`
	ImageURL    text     `bson:"image_url"`
	Category    text     `bson:"category"`
	UserID      text     `bson:"user_id"` // the hex digits of the owner's _id
	TitleKey    text     `bson:"title_key"`
	Cover       text     `bson:"cover"`
	CoverSizes  sizes    `bson:"cover_sizes"`
	CreatedAt   moment   `bson:"created_at,omitempty"`
	UpdatedAt   moment   `bson:"updated_at,omitempty"`
}

func newBookDoc(b models.Book) bookDoc {
	return bookDoc{
		ID: objectID(b.ID), Title: text(b.Title), Description: text(b.Description), ImageURL: text(b.ImageURL),
		Category: text(b.Category), UserID: text(b.UserID), TitleKey: text(titleKeyOf(string(b.UserID), b.Title)),
		Cover: text(b.Cover.Name), CoverSizes: b.Cover.Sizes, CreatedAt: moment{b.CreatedAt}, UpdatedAt: moment{b.UpdatedAt},
	}
}

func (d bookDoc) book() models.Book {
	return models.Book{
		ID: models.ID(d.ID), UserID: models.ID(d.UserID), Title: string(d.Title), Description: string(d.Description),
		Category: string(d.Category), ImageURL: string(d.ImageURL),
		Cover:     models.Cover{Name: string(d.Cover), Sizes: d.CoverSizes},
		CreatedAt: d.CreatedAt.Time, UpdatedAt: d.UpdatedAt.Time,
	}
}

// titleKeyOf is what no two books share. An owner's id has no slash, so that the pair is unambiguous.
func titleKeyOf(owner, title string) string { return owner + "/" + title }

// Create stores a new book.
func (s books) Create(ctx context.Context, b models.Book) error {
	err := s.do(func() error {
		_, err := s.coll.InsertOne(ctx, newBookDoc(b))
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

// Get returns a book.
func (s books) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return s.read(func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
}

// Update changes a book of that owner.
func (s books) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	up.UpdatedAt = milliseconds(up.UpdatedAt)
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	if up.Title != nil {
		filter["title"] = bson.M{"$ne": *up.Title}
	}
	before, err = s.change(ctx, filter, owner, up)
	if up.Title != nil && models.CodeOf(err) == models.NotFound {
		// There is no such book, or it has that title already. Then the title stays out of the update: a duplicate that
		// the tutorial made goes without a key, and would be refused one.
		delete(filter, "title")
		up.Title = nil
		before, err = s.change(ctx, filter, owner, up)
	}
	if err != nil {
		return models.Book{}, models.Book{}, err
	}
	return before, up.Apply(before), nil
}

// change makes an update to the book that filter finds and returns it as it was. Fields that the update does not name
// stay as they are, those of other programs included.
func (s books) change(ctx context.Context, filter bson.M, owner models.ID, up models.BookUpdate) (models.Book, error) {
	set := bson.M{"updated_at": moment{up.UpdatedAt}}
	up.Texts(func(field, value string) { set[field] = value }) // they have the fields' names
	if up.Cover != nil {
		set["cover"], set["cover_sizes"], set["image_url"] = up.Cover.Name, sizes(up.Cover.Sizes), ""
	}
	if up.Title != nil {
		set[titleKey] = titleKeyOf(string(owner), *up.Title)
	}
	return s.read(func() *driver.SingleResult { return s.coll.FindOneAndUpdate(ctx, filter, bson.M{"$set": set}) })
}

// Delete removes a book of that owner, then its places on shelves. It is gone from the shelves with the first of the
// two writes, since their readers look for the books.
func (s books) Delete(ctx context.Context, id, owner models.ID) (models.Book, error) {
	b, err := s.read(func() *driver.SingleResult {
		return s.coll.FindOneAndDelete(ctx, bson.M{"_id": objectID(id), "user_id": owner})
	})
	if err != nil {
		return models.Book{}, err
	}
	s.unshelve(ctx, b)
	return b, nil
}

// DeleteOwned removes books of an owner.
func (s books) DeleteOwned(ctx context.Context, owner models.ID, limit int) ([]models.Book, error) {
	list, err := s.List(ctx, models.BookFilter{UserID: owner, Sort: models.SortCreated, Limit: limit})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	those := make(bson.A, len(list))
	for i, b := range list {
		those[i] = objectID(b.ID)
	}
	if _, err := s.deleteMany(ctx, s.coll, bson.M{"_id": bson.M{"$in": those}, "user_id": owner}); err != nil {
		return nil, err
	}
	s.unshelve(ctx, list...)
	return list, nil
}

// unshelve removes the places on shelves of books that are deleted. If it fails, it leaves something to no reader.
func (s books) unshelve(ctx context.Context, deleted ...models.Book) {
	gone := make([]models.ID, len(deleted))
	for i, b := range deleted {
		gone[i] = b.ID
	}
	if _, err := s.deleteMany(ctx, s.db.Collection(shelvesName), bson.M{"book_id": bson.M{"$in": gone}}); err != nil {
		s.log.Warn("deleted books could not be taken off the shelves, where nobody sees them", "books", gone, "error", err)
	}
}

// read makes a call that answers with one book.
func (s books) read(call func() *driver.SingleResult) (models.Book, error) {
	var doc bookDoc
	if err := s.do(func() error { return call().Decode(&doc) }); err != nil {
		return models.Book{}, err
	}
	return doc.book(), nil
}
