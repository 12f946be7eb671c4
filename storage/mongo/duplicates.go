package mongo

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// Similar returns books of the same owner that are similar to b.
func (s books) Similar(ctx context.Context, b models.Book) ([]models.Book, error) {
	var terms bson.A
	for _, v := range b.SimilarBy() {
		terms = append(terms, termOf(v.Field, v.Folded))
	}
	if terms == nil {
		return nil, nil
	}
	cond := bson.M{"user_id": b.UserID, termsField: bson.M{"$in": terms}, "_id": bson.M{"$ne": objectID(b.ID)}}
	return s.oldest(ctx, cond)
}

// oldest returns the oldest books that satisfy cond, up to models.MaxSimilar.
func (s books) oldest(ctx context.Context, cond bson.M) ([]models.Book, error) {
	return bookDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, cond, options.Find().
			SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(models.MaxSimilar).SetProjection(withoutTerms))
	})
}

// Duplicates returns a page of groups of similar books. It reads the values that several books share in order from an index.
func (s books) Duplicates(ctx context.Context, f models.DuplicateFilter) (page []models.BookGroup, err error) {
	for field, after := range f.Rest() {
		shared := s.sharedISBNs
		if field == models.FieldWork {
			shared = s.sharedWorks
		}
		for folded, err := range shared(ctx, f.UserID, after) {
			if err != nil {
				return nil, err
			}
			if len(page) == f.Limit {
				return page, nil
			}
			g, found, err := s.group(ctx, f.UserID, models.FieldValue{Field: field, Folded: folded})
			if err != nil {
				return nil, err
			}
			if found {
				page = append(page, g)
			}
		}
	}
	return page, nil
}

// group returns the group of the owner's books that have a value. found is false if there are fewer than two such books,
// or if all of them are also in an earlier group. Books may be deleted meanwhile.
func (s books) group(ctx context.Context, owner models.ID, v models.FieldValue) (g models.BookGroup, found bool, err error) {
	cond := bson.M{"user_id": owner, termsField: termOf(v.Field, v.Folded)}
	var earlier []models.FieldValue
	for raw, err := range s.scan(ctx, cond, "", "title", "authors", "isbn") {
		if err != nil {
			return g, false, err
		}
		values, err := similarBy(raw)
		if err != nil {
			return g, false, err
		}
		if g.Count++; g.Count == 1 {
			earlier = slices.DeleteFunc(values, func(other models.FieldValue) bool { return !before(other, v) })
		} else {
			earlier = slices.DeleteFunc(earlier, func(other models.FieldValue) bool { return !slices.Contains(values, other) })
		}
	}
	if g.Count < 2 || len(earlier) > 0 {
		return g, false, nil
	}
	g.FieldValue = v
	g.Books, err = s.oldest(ctx, cond)
	return g, len(g.Books) > 1, err
}

// before reports whether a group comes before another one. It may compare the names of the fields, because
// models.SimilarFields are in the order of their names.
func before(a, b models.FieldValue) bool {
	return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Folded, b.Folded)) < 0
}

// similarBy is Book.SimilarBy for the book in a BSON document.
func similarBy(raw bson.Raw) ([]models.FieldValue, error) {
	b, err := bookDocument.read(raw)
	return b.SimilarBy(), err
}

// scan returns these fields of the books that satisfy cond. If sort is not empty, the books are sorted by that field.
func (s books) scan(ctx context.Context, cond bson.M, sort string, fields ...string) iter.Seq2[bson.Raw, error] {
	projection := bson.M{"_id": 0} // so that an index may have all that is read
	for _, field := range fields {
		projection[field] = 1
	}
	opts := options.Find().SetProjection(projection)
	if sort != "" {
		opts.SetSort(bson.M{sort: 1})
	}
	return func(yield func(bson.Raw, error) bool) {
		err := s.do(func() error {
			cursor, err := s.coll.Find(ctx, cond, opts)
			if err != nil {
				return err
			}
			defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read
			for cursor.Next(ctx) {
				if !yield(cursor.Current, nil) {
					return nil
				}
			}
			return cursor.Err()
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// repeated returns, in order, the values of a text field that at least two of the books that satisfy cond share.
func (s books) repeated(ctx context.Context, cond bson.M, field string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last, times := "", 0
		for raw, err := range s.scan(ctx, cond, field, field) {
			if err != nil {
				yield("", err)
				return
			}
			text, _ := raw.Lookup(field).StringValueOK()
			if text != last {
				last, times = text, 0
			}
			if times++; times == 2 && !yield(text, nil) {
				return
			}
		}
	}
}

// sharedISBNs returns the ISBNs greater than after that several of an owner's books have.
func (s books) sharedISBNs(ctx context.Context, owner models.ID, after string) iter.Seq2[string, error] {
	return s.repeated(ctx, bson.M{"user_id": owner, "isbn": bson.M{"$gt": after}}, "isbn")
}

// sharedWorks returns the values of FieldWork greater than after that several of an owner's books have. It first finds the
// titles that several books have.
func (s books) sharedWorks(ctx context.Context, owner models.ID, after string) iter.Seq2[string, error] {
	title := after[:max(strings.LastIndex(after, "\n"), 0)]
	return func(yield func(string, error) bool) {
		for title, err := range s.repeated(ctx, bson.M{"user_id": owner, titleSort: bson.M{"$gte": title}}, titleSort) {
			var works []string
			if err == nil {
				works, err = s.worksOf(ctx, owner, title)
			}
			if err != nil {
				yield("", err)
				return
			}
			for _, work := range works {
				if work > after && !yield(work, nil) {
					return
				}
			}
		}
	}
}

// worksOf returns, in order, the values of FieldWork that several of an owner's books with this title have. The memory that
// it takes grows with the number of their authors.
func (s books) worksOf(ctx context.Context, owner models.ID, title string) (works []string, err error) {
	books := map[models.FieldValue]int{}
	for raw, err := range s.scan(ctx, bson.M{"user_id": owner, titleSort: title}, "", "title", "authors") {
		if err != nil {
			return nil, err
		}
		values, err := similarBy(raw)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			if books[v]++; books[v] == 2 {
				works = append(works, v.Folded)
			}
		}
	}
	slices.Sort(works)
	return works, nil
}
