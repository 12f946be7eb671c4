package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// facetFields are the fields of a document that the facets count. If a field has several values, it is an array.
var facetFields = map[models.BookField]struct {
	name  string
	array bool
}{
	models.FieldCategory: {name: "category"},
	models.FieldTag:      {name: "tags", array: true},
	models.FieldAuthor:   {name: "authors", array: true},
	models.FieldSeries:   {name: "series"},
	models.FieldLanguage: {name: "language"},
	models.FieldDecade:   {name: decadeField},
}

// Facets counts the values of the matching books with one query for each facet.
func (s books) Facets(ctx context.Context, f models.BookFilter) (models.Facets, error) {
	cond, err := s.conditions(ctx, f)
	if err != nil {
		return nil, err
	}
	facets := models.Facets{}
	for _, field := range models.FacetFields {
		if facets[field], err = s.facet(ctx, cond, field); err != nil {
			return nil, err
		}
	}
	facets[models.FacetStatus], err = s.statusFacet(ctx, cond, f.Reader)
	maps.DeleteFunc(facets, func(_ models.BookField, values []models.ValueCount) bool { return len(values) == 0 })
	return facets, err
}

// facet counts the values of a field.
func (s books) facet(ctx context.Context, cond bson.M, field models.BookField) ([]models.ValueCount, error) {
	f := facetFields[field]
	value := "$" + f.name
	steps := bson.A{bson.M{"$match": with(cond, bson.M{f.name: bson.M{"$gt": ""}})}}
	if f.array {
		steps = append(steps, bson.M{"$unwind": "$" + f.name},
			// An array may have a value twice, but the book counts once.
			bson.M{"$group": bson.M{"_id": bson.M{"book": "$_id", f.name: "$" + f.name}}},
		)
		value = "$_id." + f.name
	}
	steps = append(steps,
		bson.M{"$group": bson.M{"_id": value, "books": bson.M{"$sum": 1}}},
		bson.M{"$sort": bson.D{{Key: "books", Value: -1}, {Key: "_id", Value: 1}}},
		bson.M{"$limit": models.MaxFacet},
	)
	var groups []struct {
		Value text `bson:"_id"`
		Books int  `bson:"books"`
	}
	err := s.do(func() error {
		cursor, err := s.coll.Aggregate(ctx, steps)
		if err != nil {
			return err
		}
		return cursor.All(ctx, &groups)
	})
	books := map[string]int{}
	for _, g := range groups {
		if value := string(g.Value); field == models.FieldCategory && value == models.TutorialPoetry {
			books["poetry"] += g.Books
		} else {
			books[value] += g.Books
		}
	}
	return models.SortCounts(books), err
}

// statusFacet counts the matching books by the status in the reader's reading records.
func (s books) statusFacet(ctx context.Context, cond bson.M, reader models.ID) ([]models.ValueCount, error) {
	books := map[string]int{}
	for _, status := range models.ReadingStatuses {
		ids, err := s.bookIDs(ctx, readingsName, bson.M{"user_id": reader, "status": status})
		if err != nil {
			return nil, err
		}
		n, err := s.count(ctx, with(cond, bson.M{"_id": bson.M{"$in": ids}}))
		if err != nil {
			return nil, err
		}
		books[string(status)] = int(n)
	}
	maps.DeleteFunc(books, func(_ string, n int) bool { return n == 0 })
	return models.SortCounts(books), nil
}
