package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// The fields of a book's document that are computed from other fields. Books are found and sorted by these fields.
const (
	termsField    = "terms" // the words and the values of the book
	coverField    = "has_cover"
	decadeField   = "decade"
	titleSort     = "title_sort" // models.BookSortKeys
	authorSort    = "author_sort"
	seriesSort    = "series_sort"
	publishedSort = "published_sort"
)

// The prefixes of a book's terms. The terms are all its words without a prefix, the words of its heading with headingTerm,
// and the values of its fields with valueTerm. No word begins with a prefix, so the kinds of terms cannot be confused.
const (
	headingTerm = "#"
	valueTerm   = "="
)

// termOf returns the term for the folded value of a field.
func termOf(field models.BookField, folded string) string {
	return valueTerm + string(field) + ":" + folded
}

// termsOf returns the terms of a book. The cover and the category have fields of their own instead of terms.
func termsOf(b models.Book) (terms []string) {
	words := b.Words()
	terms = append(words.Body, words.Heading...)
	for _, word := range words.Heading {
		terms = append(terms, headingTerm+word)
	}
	for field, value := range b.Values() {
		if field != models.FieldCover && field != models.FieldCategory {
			terms = append(terms, termOf(field, models.Fold(value)))
		}
	}
	return terms
}

// derivedFields returns the computed fields of a book.
func derivedFields(b models.Book) bson.D {
	keys := b.SortKeys()
	return bson.D{
		{Key: termsField, Value: append([]string{}, termsOf(b)...)},
		{Key: coverField, Value: b.HasCover()},
		{Key: decadeField, Value: b.Decade()},
		{Key: titleSort, Value: keys.Title},
		{Key: authorSort, Value: keys.Author},
		{Key: seriesSort, Value: keys.Series},
		{Key: publishedSort, Value: keys.Published},
	}
}

// derivedFrom are the fields from which the computed fields and the unique key of a book are computed. The cover is not among
// them, because a change of the cover sets has_cover directly.
var derivedFrom = []string{
	"title", "description", "subtitle", "authors", "isbn", "publisher", "published", "language", "series", "series_number",
	"tags", "location",
}

// addDerived adds the computed fields to books that lack them, because an earlier version or the tutorial's code stored them.
func (s *Store) addDerived(ctx context.Context) error {
	coll := s.db.Collection(booksName)
	cursor, err := coll.Find(ctx, bson.M{"_id": ids("", ""), termsField: bson.M{"$exists": false}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetBatchSize(legacyBatch))
	if err != nil {
		return err
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read
	var updates []driver.WriteModel
	for cursor.Next(ctx) {
		b, err := bookDocument.read(cursor.Current)
		if err != nil {
			return err
		}
		filter := bson.M{"_id": objectID(b.ID), termsField: bson.M{"$exists": false}}
		updates = append(updates, driver.NewUpdateOneModel().
			SetFilter(unchanged(filter, cursor.Current, derivedFrom...)).SetUpdate(bson.M{"$set": derivedFields(b)}))
		if cursor.RemainingBatchLength() > 0 {
			continue
		}
		if _, err := coll.BulkWrite(ctx, updates, options.BulkWrite().SetOrdered(false)); err != nil {
			return err
		}
		s.addProgress(len(updates))
		updates = nil
	}
	return cursor.Err()
}
