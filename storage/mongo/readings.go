package mongo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// readings stores the users' reading records. If the deletion of a book is interrupted, its records remain. So List
// omits records whose book does not exist.
type readings struct {
	*Store
	coll  *driver.Collection
	goals *driver.Collection
	books books
}

// These fields of a reading record are computed from its field "reads". List needs them for filters and sorting.
const (
	finishedField = "finished" // the last day on which a read ended
	yearsField    = "years"    // the years in which reads ended
)

// readingID returns the _id of a reading record, so that a user has at most one for each book. It is unambiguous,
// because ids contain no slash.
func readingID(key models.ReadingKey) string { return string(key.UserID) + "/" + string(key.BookID) }

// Get returns a reading record.
func (s readings) Get(ctx context.Context, key models.ReadingKey) (models.Reading, error) {
	return readingDocument.one(s.Store, func() *driver.SingleResult {
		return s.coll.FindOne(ctx, bson.M{"_id": readingID(key)})
	})
}

// Of returns the user's reading records of these books.
func (s readings) Of(ctx context.Context, userID models.ID, books []models.ID) ([]models.Reading, error) {
	ids := make([]string, len(books))
	for i, id := range books {
		ids[i] = readingID(models.ReadingKey{UserID: userID, BookID: id})
	}
	return s.find(ctx, bson.M{"_id": bson.M{"$in": ids}}, options.Find())
}

func (s readings) find(
	ctx context.Context, filter bson.M, opts *options.FindOptionsBuilder,
) ([]models.Reading, error) {
	return readingDocument.all(ctx, s.Store, func() (*driver.Cursor, error) { return s.coll.Find(ctx, filter, opts) })
}

// List returns a page of books with the user's reading records of them.
func (s readings) List(ctx context.Context, f models.ReadingFilter) ([]models.Book, error) {
	return s.list(ctx, f, withoutTerms)
}

// list is like List, but reads only the fields of the books that the projection has. It skips records of books that do not
// exist or are in the trash, and reads on until the page is full.
func (s readings) list(ctx context.Context, f models.ReadingFilter, projection any) ([]models.Book, error) {
	var page []models.Book
	for len(page) < f.Limit {
		filter, sort := readingsPage(f)
		found, err := s.find(ctx, filter, options.Find().SetSort(sort).SetLimit(int64(f.Limit-len(page))))
		if err != nil || len(found) == 0 {
			return page, err
		}
		ids := make([]models.ID, len(found))
		for i, r := range found {
			ids[i] = r.BookID
		}
		books, err := s.books.byID(ctx, ids, bson.M{}, projection)
		if err != nil {
			return nil, err
		}
		for i, r := range found {
			if b, ok := books[r.BookID]; ok {
				b.Reading = &found[i]
				page = append(page, b)
			}
		}
		f.After = new(f.Sort.Cursor(found[len(found)-1]))
	}
	return page, nil
}

// readingsPage returns the condition and the sort order of a page.
func readingsPage(f models.ReadingFilter) (cond bson.M, sort bson.D) {
	cond = bson.M{"user_id": f.UserID}
	if f.Status != "" {
		cond["status"] = f.Status
	}
	if f.Year != 0 {
		cond[yearsField] = f.Year
	}
	name, descending := strings.CutPrefix(string(f.Sort), "-")
	key, operator, direction := sortFields[name], "$gt", 1
	if descending {
		operator, direction = "$lt", -1
	}
	if f.After != nil {
		var value any = f.After.Number
		if name == "updated" {
			value = time.UnixMilli(f.After.Number)
		}
		// This condition tells the server where to start in the index.
		cond[key] = bson.M{operator + "e": value}
		cond["$or"] = bson.A{bson.M{key: bson.M{operator: value}}, bson.M{"book_id": bson.M{operator: f.After.ID}}}
	}
	return cond, bson.D{{Key: key, Value: direction}, {Key: "book_id", Value: direction}}
}

// sortFields maps the names of models.ReadingSort to fields.
var sortFields = map[string]string{"updated": "updated_at", "finished": finishedField, "rating": "rating"}

// Put changes a reading record, or creates it. Then it checks that the book exists, and deletes the record if not. A
// book is deleted before its reading records, so either the deletion of the book finds this record, or the check fails.
func (s readings) Put(ctx context.Context, key models.ReadingKey, up models.ReadingUpdate) (models.Reading, error) {
	up.UpdatedAt = milliseconds(up.UpdatedAt)
	r, err := s.store(ctx, key, up)
	if err != nil {
		return models.Reading{}, err
	}
	undo := func(ctx context.Context) error { return s.Delete(ctx, key) }
	if err := s.keepIfOwned(ctx, key.UserID, undo); err != nil {
		return models.Reading{}, err
	}
	ctx = context.WithoutCancel(ctx)
	if err = s.books.stored(ctx, key.BookID); models.CodeOf(err) == models.NotFound {
		err = errors.Join(err, undo(ctx))
	}
	return r, err
}

// store changes a reading record, or creates it.
func (s readings) store(ctx context.Context, key models.ReadingKey, up models.ReadingUpdate) (models.Reading, error) {
	for range maxTries {
		if r, err := s.change(ctx, key, up); models.CodeOf(err) != models.NotFound {
			return r, err
		}
		if r, err := s.create(ctx, key, up); models.CodeOf(err) != models.Conflict {
			return r, err
		}
	}
	return models.Reading{}, errContended
}

// change changes a reading record. It returns NotFound if there is none.
func (s readings) change(ctx context.Context, key models.ReadingKey, up models.ReadingUpdate) (models.Reading, error) {
	set := bson.M{"updated_at": up.UpdatedAt}
	for field, value := range up.Fields() {
		set[field] = value
	}
	if up.Reads != nil {
		set[finishedField], set[yearsField] = up.Reads.Finished(), up.Reads.Years()
	}
	filter := bson.M{"_id": readingID(key)}
	return readingDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, bson.M{"$set": set},
			options.FindOneAndUpdate().SetReturnDocument(options.After))
	})
}

// CreateAll stores new reading records. Then it deletes those of books that do not exist, as Put does.
func (s readings) CreateAll(ctx context.Context, userID models.ID, list []models.Reading) error {
	docs, books := make([]any, len(list)), make([]models.ID, len(list))
	for i, r := range list {
		docs[i], books[i] = newReadingDocument(r), r.BookID
	}
	if _, err := s.insertMany(ctx, s.coll, docs); err != nil {
		return err
	}
	err := s.keepIfOwned(ctx, userID, func(ctx context.Context) error { return s.DeleteAll(ctx, userID) })
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	stored, err := s.books.storedOf(ctx, books)
	if err != nil {
		return err
	}
	for _, id := range books {
		if !stored[id] {
			err = errors.Join(err, s.Delete(ctx, models.ReadingKey{UserID: userID, BookID: id}))
		}
	}
	return err
}

// create stores a new reading record. It returns Conflict if there is one already.
func (s readings) create(ctx context.Context, key models.ReadingKey, up models.ReadingUpdate) (models.Reading, error) {
	r := up.Apply(models.Reading{ReadingKey: key, CreatedAt: up.UpdatedAt})
	if r.Status == "" {
		return models.Reading{}, models.ErrNoStatus
	}
	return r, s.insert(ctx, r)
}

// insert stores a new reading record. It returns Conflict if the account already has a record of the book.
func (s readings) insert(ctx context.Context, r models.Reading) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, newReadingDocument(r))
		return err
	})
}

// newReadingDocument returns the BSON document of a reading record.
func newReadingDocument(r models.Reading) bson.D {
	return readingDocument.of(r, bson.E{Key: "_id", Value: readingID(r.ReadingKey)},
		bson.E{Key: finishedField, Value: r.Reads.Finished()}, bson.E{Key: yearsField, Value: r.Reads.Years()})
}

// goalID returns the _id of a goal. A user has at most one goal for a year.
func goalID(userID models.ID, year int) string { return fmt.Sprintf("%s/%d", userID, year) }

// goalKey is the _id of a goal.
type goalKey struct{ *models.GoalRecord }

// MarshalBSONValue stores the _id.
func (k goalKey) MarshalBSONValue() (typ byte, data []byte, err error) {
	t, data, err := bson.MarshalValue(goalID(k.UserID, k.Year))
	return byte(t), data, err
}

// UnmarshalBSONValue reads the year.
func (k goalKey) UnmarshalBSONValue(typ byte, data []byte) error {
	id, _ := bson.RawValue{Type: bson.Type(typ), Value: data}.StringValueOK()
	_, year, _ := strings.Cut(id, "/")
	k.Year, _ = strconv.Atoi(year) // PutGoal stores no other years
	return nil
}

// PutGoal sets a user's goal for a year. If the goal is zero, PutGoal deletes it.
func (s readings) PutGoal(ctx context.Context, userID models.ID, year int, goal models.Goal) error {
	id := bson.M{"_id": goalID(userID, year)}
	remove := func(ctx context.Context) error {
		_, err := s.deleteMany(ctx, s.goals, id)
		return err
	}
	if goal == 0 {
		return remove(ctx)
	}
	upsert := func() error {
		set := bson.M{"$set": bson.M{"user_id": userID, "books": goal}}
		_, err := s.goals.UpdateOne(ctx, id, set, options.UpdateOne().SetUpsert(true))
		return err
	}
	err := s.do(upsert)
	if models.CodeOf(err) == models.Conflict {
		err = s.do(upsert) // another call has inserted the goal
	}
	if err != nil {
		return err
	}
	return s.keepIfOwned(ctx, userID, remove)
}

// Goals returns a user's goals by year. The _id of a goal ends with its year.
func (s readings) Goals(ctx context.Context, userID models.ID) (map[int]models.Goal, error) {
	var docs []struct {
		ID    string `bson:"_id"`
		Books models.Goal
	}
	err := s.do(func() error {
		cursor, err := s.goals.Find(ctx, bson.M{"user_id": userID})
		if err != nil {
			return err
		}
		return cursor.All(ctx, &docs)
	})
	goals := map[int]models.Goal{}
	for _, doc := range docs {
		year, yearErr := strconv.Atoi(strings.TrimPrefix(doc.ID, string(userID)+"/"))
		if err = errors.Join(err, yearErr); err != nil {
			return nil, err
		}
		goals[year] = doc.Books
	}
	return goals, err
}

// Delete deletes a reading record.
func (s readings) Delete(ctx context.Context, key models.ReadingKey) error {
	_, err := s.deleteMany(ctx, s.coll, bson.M{"_id": readingID(key)})
	return err
}

// DeleteAll deletes all reading records and goals of a user.
func (s readings) DeleteAll(ctx context.Context, userID models.ID) error {
	if _, err := s.deleteMany(ctx, s.goals, bson.M{"user_id": userID}); err != nil {
		return err
	}
	_, err := s.deleteMany(ctx, s.coll, bson.M{"user_id": userID})
	return err
}
