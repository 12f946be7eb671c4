package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// conditions returns the condition of a filter for books, without its page. Reading records and loans are in other
// collections, so the condition has the ids of the books that f.Reader has recorded or that are lent.
func (s books) conditions(ctx context.Context, f models.BookFilter) (bson.M, error) {
	cond := bson.M{"_id": ids("", "")}
	if f.UserID == "" {
		notInTrash(cond)
	} else {
		cond["user_id"] = f.UserID
	}
	if f.Category != "" {
		cond["category"] = categoryCond(f.Category)
	}
	if f.Published != (models.Dates{}) {
		least, greatest := f.Published.Bounds()
		cond[publishedSort] = bson.M{"$gte": least, "$lte": greatest}
	}
	and := bson.A{}
	for _, v := range f.Values {
		if v.Field == models.FieldCover {
			and = append(and, bson.M{coverField: v.Folded == "true"})
		} else {
			and = append(and, bson.M{termsField: termOf(v.Field, v.Folded)})
		}
	}
	if !f.Query.IsZero() {
		and = append(and, words(f.Query, "")...)
	}
	if f.OfReadings() {
		recorded, err := s.bookIDs(ctx, readingsName, readingsCond(f))
		if err != nil {
			return nil, err
		}
		and = append(and, bson.M{"_id": bson.M{"$in": recorded}})
	}
	if f.OnLoan != nil {
		lent, err := s.lentBooks(ctx, f)
		if err != nil {
			return nil, err
		}
		operator := map[bool]string{true: "$in", false: "$nin"}[*f.OnLoan]
		and = append(and, bson.M{"_id": bson.M{operator: lent}})
	}
	if len(and) > 0 {
		cond["$and"] = and
	}
	return cond, nil
}

// categoryCond returns the condition for a category.
func categoryCond(category string) any {
	if category == "poetry" { // the tutorial stored it with a typing error
		return bson.M{"$in": bson.A{category, models.TutorialPoetry}}
	}
	return category
}

// words returns the conditions that a book has all words of a query among its terms with this prefix.
func words(q models.Query, prefix string) (and bson.A) {
	for _, word := range q.Words {
		and = append(and, bson.M{termsField: prefix + word})
	}
	// No quoting is needed: a word has only letters, marks and digits, and the prefixes have no meaning in a regular
	// expression.
	return append(and, bson.M{termsField: bson.Regex{Pattern: "^" + prefix + q.Last}})
}

// readingsCond returns the condition of a filter for the reading records by which it selects books.
func readingsCond(f models.BookFilter) bson.M {
	cond := bson.M{"user_id": f.Reader}
	if f.Status != "" {
		cond["status"] = f.Status
	}
	if f.Rating != (models.Ratings{}) {
		cond["rating"] = bson.M{"$gte": f.Rating.Lowest, "$lte": f.Rating.Highest}
	}
	return cond
}

// lentBooks returns the ids of the lent books of f.UserID, or of all owners if that is empty.
func (s books) lentBooks(ctx context.Context, f models.BookFilter) (bson.A, error) {
	cond := bson.M{"returned_at": nil}
	if f.UserID != "" {
		cond["lender_id"] = f.UserID
	}
	return s.bookIDs(ctx, loansName, cond)
}

// bookIDs returns the field book_id of the documents in a collection that satisfy cond.
func (s books) bookIDs(ctx context.Context, collection string, cond bson.M) (found bson.A, err error) {
	found = bson.A{}
	err = s.do(func() error {
		cursor, err := s.db.Collection(collection).Find(ctx, cond, options.Find().SetProjection(bson.M{"_id": 0, "book_id": 1}))
		if err != nil {
			return err
		}
		defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read
		for cursor.Next(ctx) {
			if id, ok := cursor.Current.Lookup("book_id").StringValueOK(); ok {
				found = append(found, objectID(id))
			}
		}
		return cursor.Err()
	})
	return found, err
}

// partCond returns cond, the condition of a whole list, together with the condition of one of the parts of the list.
func (s books) partCond(ctx context.Context, cond bson.M, f models.BookFilter, part int) (bson.M, error) {
	sort, _ := f.Sort.Ascending()
	otherTitle := bson.M{titleSort: bson.M{"$ne": f.Query.Title}}
	heading := words(f.Query, headingTerm)
	switch {
	case sort == models.SortRelevance && part == models.PartTitle:
		return with(cond, bson.M{titleSort: f.Query.Title}), nil
	case sort == models.SortRelevance && part == models.PartHeading:
		return with(cond, append(heading, otherTitle)...), nil
	case sort == models.SortRelevance:
		return with(cond, otherTitle, bson.M{"$nor": bson.A{bson.M{"$and": heading}}}), nil
	case sort == models.SortOwnRating:
		rated, err := s.bookIDs(ctx, readingsName, bson.M{"user_id": f.Reader, "rating": bson.M{"$gt": 0}})
		return with(cond, bson.M{"_id": bson.M{"$nin": rated}}), err
	}
	return cond, nil
}

// with combines conditions: a document must meet all of them.
func with(cond bson.M, more ...any) bson.M {
	return bson.M{"$and": append(bson.A{cond}, more...)}
}

// sortFieldOf has the field for each order. An order without a field sorts by _id.
var sortFieldOf = map[models.BookSort]string{
	models.SortTitle: titleSort, models.SortAuthor: authorSort, models.SortSeries: seriesSort, models.SortPublished: publishedSort,
}

// pageOf restricts cond to the books after the cursor, and returns the order of the page.
func pageOf(cond bson.M, f models.BookFilter) (page bson.M, order bson.D) {
	sort, descending := f.Sort.Ascending()
	operator, direction := "$gt", 1
	if descending {
		operator, direction = "$lt", -1
	}
	byID := bson.E{Key: "_id", Value: direction}
	field := sortFieldOf[sort]
	if field == "" {
		if f.After != nil {
			cond = with(cond, bson.M{"_id": ids(operator, f.After.ID)})
		}
		return cond, bson.D{byID}
	}
	if f.After != nil {
		// The first condition tells the server where to start in the index. The second skips the books with the cursor's key
		// that were on an earlier page.
		cond = with(cond, bson.M{field: bson.M{operator + "e": f.After.Key}}, bson.M{"$or": bson.A{
			bson.M{field: bson.M{operator: f.After.Key}},
			bson.M{"_id": ids(operator, f.After.ID)},
		}})
	}
	return cond, bson.D{{Key: field, Value: direction}, byID}
}

// ids returns a condition on _id: it must be an ObjectID that is less ("$lt") or greater ("$gt") than after. If after is
// empty, every ObjectID matches.
//
// Documents whose _id has another type never match, because the server compares only values of the same type. Such documents
// have no models.ID.
func ids(operator string, after models.ID) bson.M {
	const first objectID = "000000000000000000000000"
	cond := bson.M{"$gte": first}
	if after != "" {
		cond[operator] = objectID(after)
	}
	return cond
}
