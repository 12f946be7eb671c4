package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// The fields of a book's document that are computed from its other fields. Books are found and sorted by them.
const (
	termsField    = "terms" // the words and the values of the book
	coverField    = "has_cover"
	decadeField   = "decade"
	titleSort     = "title_sort" // models.BookSortKeys
	authorSort    = "author_sort"
	seriesSort    = "series_sort"
	publishedSort = "published_sort"
)

// The terms of a book are its words, its words with a prefix for those of the heading, and its values with another prefix.
// No word begins with such a prefix, so that no term is taken for one of another kind.
const (
	headingTerm = "#"
	valueTerm   = "="
)

// termOf returns the term of a value of a field, in its folded form.
func termOf(field models.BookField, folded string) string {
	return valueTerm + string(field) + ":" + folded
}

// termsOf returns the terms of a book. They do not depend on its cover and its category, which have fields of their own.
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

// derivedFrom are the fields that derivedFields and the key of a book are computed from, but for its cover.
var derivedFrom = []string{
	"title", "description", "subtitle", "authors", "isbn", "publisher", "published", "language", "series", "series_number",
	"tags", "location",
}

// addDerived adds the computed fields to the books that lack them: those that an earlier version or the tutorial's code
// stored.
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
