package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// List returns a page of books.
func (s books) List(ctx context.Context, f models.BookFilter) ([]models.Book, error) {
	filter, sort := pageOf(f)
	return bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, filter, options.Find().SetSort(sort).SetLimit(int64(f.Limit)))
	})
}

// Count is how many books the filter picks.
func (s books) Count(ctx context.Context, f models.BookFilter) (n int64, err error) {
	err = s.do(func() error {
		n, err = s.coll.CountDocuments(ctx, pick(f))
		return err
	})
	return n, err
}

// Covers returns those of the names that a book has for its cover.
func (s books) Covers(ctx context.Context, names []string) (used []string, err error) {
	books, err := bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, bson.M{"cover": bson.M{"$in": append([]string{}, names...)}},
			options.Find().SetProjection(bson.M{"cover": 1}))
	})
	for _, b := range books {
		used = append(used, b.Cover.Name)
	}
	return used, err
}

// pick is the condition for the books of a filter, whatever their place in the list.
func pick(f models.BookFilter) bson.M {
	cond := bson.M{"_id": ids("", "")}
	if f.UserID != "" {
		cond["user_id"] = f.UserID
	}
	switch f.Category {
	case "":
	case "poetry": // the tutorial's documents keep its spelling
		cond["category"] = bson.M{"$in": bson.A{f.Category, models.TutorialPoetry}}
	default:
		cond["category"] = f.Category
	}
	return cond
}

// pageOf is the condition and the order of a page.
func pageOf(f models.BookFilter) (cond bson.M, sort bson.D) {
	cond = pick(f)
	beyond, direction := "$gt", 1
	if f.Sort == models.SortCreatedDesc || f.Sort == models.SortTitleDesc {
		beyond, direction = "$lt", -1
	}
	byID := bson.E{Key: "_id", Value: direction}
	if f.Sort == models.SortCreated || f.Sort == models.SortCreatedDesc {
		if f.After != nil {
			cond["_id"] = ids(beyond, f.After.ID)
		}
		return cond, bson.D{byID}
	}
	if f.After != nil {
		// The first condition is where the index is entered; the second passes over what the page before had of that
		// title.
		cond["title"] = bson.M{beyond + "e": f.After.Title}
		cond["$or"] = bson.A{
			bson.M{"title": bson.M{beyond: f.After.Title}},
			bson.M{"_id": ids(beyond, f.After.ID)},
		}
	}
	return cond, bson.D{{Key: "title", Value: direction}, byID}
}

// ids is a condition on _id: beyond that one, or any if there is none. Comparisons find values of one type only, so a
// document whose _id is no ObjectID, which has no ID here, is passed over.
func ids(beyond string, after models.ID) bson.M {
	const first objectID = "000000000000000000000000"
	cond := bson.M{"$gte": first}
	if after != "" {
		cond[beyond] = objectID(after)
	}
	return cond
}
