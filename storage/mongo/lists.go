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

// Count returns the number of books that match the filter.
func (s books) Count(ctx context.Context, f models.BookFilter) (n int64, err error) {
	err = s.do(func() error {
		n, err = s.coll.CountDocuments(ctx, condOf(f))
		return err
	})
	return n, err
}

// Covers returns those cover names that belong to a book.
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

// condOf returns the condition of a filter. It leaves out the position of the page.
func condOf(f models.BookFilter) bson.M {
	cond := bson.M{"_id": ids("", "")}
	if f.UserID != "" {
		cond["user_id"] = f.UserID
	}
	switch f.Category {
	case "":
	case "poetry": // the tutorial stored this category with a typing error
		cond["category"] = bson.M{"$in": bson.A{f.Category, models.TutorialPoetry}}
	default:
		cond["category"] = f.Category
	}
	return cond
}

// pageOf returns the condition and the sort order of a page.
func pageOf(f models.BookFilter) (cond bson.M, sort bson.D) {
	cond = condOf(f)
	operator, direction := "$gt", 1
	if f.Sort == models.SortCreatedDesc || f.Sort == models.SortTitleDesc {
		operator, direction = "$lt", -1
	}
	byID := bson.E{Key: "_id", Value: direction}
	if f.Sort == models.SortCreated || f.Sort == models.SortCreatedDesc {
		if f.After != nil {
			cond["_id"] = ids(operator, f.After.ID)
		}
		return cond, bson.D{byID}
	}
	if f.After != nil {
		// The first condition tells the server where to start in the index. The second condition skips books with the
		// same title that were on an earlier page.
		cond["title"] = bson.M{operator + "e": f.After.Title}
		cond["$or"] = bson.A{
			bson.M{"title": bson.M{operator: f.After.Title}},
			bson.M{"_id": ids(operator, f.After.ID)},
		}
	}
	return cond, bson.D{{Key: "title", Value: direction}, byID}
}

// ids returns a condition on _id: it must be an ObjectID that is less ("$lt") or greater ("$gt") than after. If after
// is empty, every ObjectID matches.
//
// The server compares only values of the same type, so the condition leaves out documents whose _id is not an ObjectID.
// These have no models.ID.
func ids(operator string, after models.ID) bson.M {
	const first objectID = "000000000000000000000000"
	cond := bson.M{"$gte": first}
	if after != "" {
		cond[operator] = objectID(after)
	}
	return cond
}
