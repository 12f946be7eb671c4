package mongo

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// withoutTerms is a projection that leaves out the terms of a book. There may be a thousand of them.
var withoutTerms = bson.M{termsField: 0}

// List returns a page of books. It reads one part of the list after another until the page is full.
func (s books) List(ctx context.Context, f models.BookFilter) (page []models.Book, err error) {
	cond, err := s.conditions(ctx, f)
	if err != nil {
		return nil, err
	}
	parts := f.Parts()
	if f.After != nil {
		parts = parts[max(slices.Index(parts, f.After.Part), 0):]
	}
	for _, part := range parts {
		list, err := s.listPart(ctx, cond, f, part)
		if err != nil {
			return nil, err
		}
		page = append(page, list...)
		if f.Limit -= len(list); f.Limit <= 0 {
			break
		}
		f.After = nil
	}
	return page, nil
}

// listPart returns up to f.Limit books that satisfy cond, from one part of the list.
func (s books) listPart(ctx context.Context, cond bson.M, f models.BookFilter, part int) ([]models.Book, error) {
	sort, _ := f.Sort.Ascending()
	if sort == models.SortOwnRating && part == models.PartRated {
		return s.listRated(ctx, cond, f)
	}
	cond, err := s.partCond(ctx, cond, f, part)
	if err != nil {
		return nil, err
	}
	cond, order := pageOf(cond, f)
	return bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, cond, options.Find().SetSort(order).SetLimit(int64(f.Limit)).SetProjection(withoutTerms))
	})
}

// listRated returns the books that satisfy cond and that f.Reader has rated, sorted by rating. It reads the reading records
// in the order of their ratings and looks up the books.
func (s books) listRated(ctx context.Context, cond bson.M, f models.BookFilter) (page []models.Book, err error) {
	readings := s.readings()
	r := models.ReadingFilter{UserID: f.Reader, Sort: models.ReadingSort(f.Sort), After: f.After}
	for len(page) < f.Limit {
		filter, order := readingsPage(r)
		found, err := readings.find(ctx, with(filter, bson.M{"rating": bson.M{"$gt": 0}}),
			options.Find().SetSort(order).SetLimit(int64(max(f.Limit, legacyBatch))))
		if err != nil || len(found) == 0 {
			return page, err
		}
		bookIDs := make([]models.ID, len(found))
		for i, r := range found {
			bookIDs[i] = r.BookID
		}
		books, err := s.byID(ctx, bookIDs, cond, withoutTerms)
		if err != nil {
			return nil, err
		}
		for _, id := range bookIDs {
			if b, ok := books[id]; ok && len(page) < f.Limit {
				page = append(page, b)
			}
		}
		r.After = new(r.Sort.Cursor(found[len(found)-1]))
	}
	return page, nil
}

// Alike returns the books of an owner that have one of these ISBNs or one of these titles.
func (s books) Alike(ctx context.Context, owner models.ID, isbns, titles []string) ([]models.Book, error) {
	terms := make([]string, len(isbns))
	for i, isbn := range isbns {
		terms[i] = termOf(models.FieldISBN, isbn)
	}
	cond := bson.M{"user_id": owner, "$or": bson.A{
		bson.M{titleSort: bson.M{"$in": append([]string{}, titles...)}}, bson.M{termsField: bson.M{"$in": terms}},
	}}
	return bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, cond, options.Find().SetProjection(withoutTerms))
	})
}

// Count returns the number of books that match the filter.
func (s books) Count(ctx context.Context, f models.BookFilter) (n int64, err error) {
	cond, err := s.conditions(ctx, f)
	if err != nil {
		return 0, err
	}
	return s.count(ctx, cond)
}

func (s books) count(ctx context.Context, cond bson.M) (n int64, err error) {
	err = s.do(func() error {
		n, err = s.coll.CountDocuments(ctx, cond)
		return err
	})
	return n, err
}

// Covers returns those of the names that are the cover of a book, even if the book is in the trash.
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
