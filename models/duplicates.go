package models

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// SimilarFields are the fields that make books similar: the same ISBN, or the same title and an author in common.
// Groups of similar books are sorted by field, in this order.
var SimilarFields = []BookField{FieldISBN, FieldWork}

// MaxSimilar is the maximum number of similar books in an answer or in a group.
const MaxSimilar = 20

// SimilarBy returns the values of the fields in SimilarFields, without repetitions. Books that have one of these values
// in common are similar. A book with neither an ISBN nor an author has no such value.
func (b Book) SimilarBy() (values []FieldValue) {
	for field, value := range b.Values() {
		v := FieldValue{field, Fold(value)}
		if slices.Contains(SimilarFields, field) && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// BookGroup is a group of similar books of an owner. All of them have the FieldValue.
type BookGroup struct {
	FieldValue
	Count int    // the number of books in the group
	Books []Book // the oldest books of the group, at most MaxSimilar
}

// DuplicateFilter selects a page of an owner's groups of similar books. The groups are sorted by field and then by
// value. If an earlier group has all books of a group, the later group is omitted.
type DuplicateFilter struct {
	UserID ID      // the owner
	After  *Cursor // only groups after this one; nil for the first page
	Limit  int     // the size of the page, at least 1
}

// Cursor returns the position of a group in the list. Its ID has no meaning, but every cursor must have one.
func (f DuplicateFilter) Cursor(g BookGroup) Cursor {
	return Cursor{ID: f.UserID, Key: g.Folded, Part: slices.Index(SimilarFields, g.Field)}
}

// Rest returns the fields of the groups after the cursor. With each field, it returns the value after which to continue,
// or an empty string to begin with the first value.
func (f DuplicateFilter) Rest() iter.Seq2[BookField, string] {
	return func(yield func(BookField, string) bool) {
		for i, field := range SimilarFields {
			after := ""
			if f.After != nil && f.After.Part == i {
				after = f.After.Key
			}
			if (f.After == nil || f.After.Part <= i) && !yield(field, after) {
				return
			}
		}
	}
}

// Merge describes a merge of the books From into another book of the same owner. The merge deletes the books From. The
// kept book gets their reading records, loans and places on shelves, and the changes that Book.Absorb returns.
type Merge struct {
	ID    ID // the book that is kept
	Owner ID
	From  []ID
	At    time.Time
}

// MaxMerge is the maximum length of Merge.From.
const MaxMerge = 100

// Absorb returns the changes to a book when other books are merged into it. A field that the book lacks gets the value
// of the first other book that has one. The book also gets the tags of all books, the sum of their copies, and the
// largest cover.
func (b Book) Absorb(others []Book) (up BookUpdate) {
	var own BookUpdate
	fillFrom(&own, b)
	after, tags, copies := b, slices.Clone(b.Tags), max(b.Copies, 1)
	for _, other := range others {
		var fields BookUpdate
		fillFrom(&fields, other)
		for name := range own.Changes() {
			fields.Omit(name)
		}
		if other.Series == "" || after.Series != "" && Fold(other.Series) != Fold(after.Series) {
			fields.SeriesNumber = nil // the number belongs to another series
		}
		up.Fill(fields)
		if better(other.Cover, after.Cover) {
			up.Cover = new(other.Cover)
		}
		after = up.Apply(b)
		tags, copies = append(tags, other.Tags...), copies+max(other.Copies, 1)
	}
	up.Tags, up.Copies = allTags(tags), new(min(copies, MaxCopies))
	return up
}

// better reports whether cover is stored in a larger size than the other cover, or whether only cover exists.
func better(cover, than Cover) bool {
	largest := func(c Cover) int { return slices.Max(append([]int{ThumbnailSize}, c.Sizes...)) }
	return cover.Name != "" && (than.Name == "" || largest(cover) > largest(than))
}

// allTags returns the tags, sorted and without repetitions, and at most as many as a book may have. It returns nil if
// there are none.
func allTags(tags []string) *[]string {
	var unique []string
	for _, tag := range tags {
		if len(unique) < maxTags && !slices.Contains(unique, tag) {
			unique = append(unique, tag)
		}
	}
	if unique == nil {
		return nil
	}
	slices.Sort(unique)
	return &unique
}

// Combine returns the reading record of the kept book after a merge. r is an account's record of the kept book, and
// other is the same account's record of the other book.
//
// The result has the more advanced status with its progress, all periods of reading, and both reviews. If both records
// have a rating, the result has that of the record changed last. Combining the result with other again changes nothing.
func (r Reading) Combine(other Reading) Reading {
	newer, older := r, other
	if other.UpdatedAt.After(r.UpdatedAt) {
		newer, older = other, r
	}
	combined := Reading{
		ReadingKey: r.ReadingKey, Status: newer.Status, Progress: newer.Progress,
		Rating: cmp.Or(newer.Rating, older.Rating), Reads: r.Reads.Plus(other.Reads), Review: r.Review.plus(other.Review),
		CreatedAt: r.CreatedAt, UpdatedAt: newer.UpdatedAt,
	}
	if other.CreatedAt.Before(r.CreatedAt) {
		combined.CreatedAt = other.CreatedAt
	}
	switch a, b := newer.Status.rank(), older.Status.rank(); {
	case a == b:
		combined.Progress = cmp.Or(newer.Progress, older.Progress)
	case a < b:
		combined.Status, combined.Progress = older.Status, older.Progress
	}
	return combined
}

// rank orders the statuses by progress. StatusWant has the lowest rank.
func (s ReadingStatus) rank() int {
	return slices.Index([]ReadingStatus{StatusWant, StatusAbandoned, StatusReading, StatusRead}, s)
}

// Plus returns the reads of both lists, sorted by date and without repetitions.
func (r Reads) Plus(other Reads) Reads {
	all := slices.Clone(r)
	for _, read := range other {
		if !slices.Contains(all, read) {
			all = append(all, read)
		}
	}
	slices.SortStableFunc(all, func(a, b Read) int {
		return cmp.Or(cmp.Compare(a.Started, b.Started), cmp.Compare(a.Finished, b.Finished))
	})
	return all
}

// plus returns the two reviews, one after the other. If one of them contains the other, plus returns only the longer
// one.
func (r Review) plus(other Review) Review {
	switch {
	case strings.Contains(string(r), string(other)):
		return r
	case strings.Contains(string(other), string(r)):
		return other
	}
	return r + "\n\n" + other
}
