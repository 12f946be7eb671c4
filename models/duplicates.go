package models

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// SimilarFields are the fields that tell whether books are similar: they have the same ISBN, or the same title and an
// author in common. BookGroups are sorted by them.
var SimilarFields = []BookField{FieldISBN, FieldWork}

// MaxSimilar is the largest number of similar books that are returned.
const MaxSimilar = 20

// SimilarBy returns the values that similar books have in common with b, each once. A book with neither an ISBN nor an
// author has none.
func (b Book) SimilarBy() (values []FieldValue) {
	for field, value := range b.Values() {
		v := FieldValue{field, Fold(value)}
		if slices.Contains(SimilarFields, field) && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// BookGroup are the books of an owner that have a value of SimilarFields in common.
type BookGroup struct {
	FieldValue
	Count int    // how many books there are
	Books []Book // the oldest ones, at most MaxSimilar
}

// DuplicateFilter selects a page of groups of similar books, sorted by the field and then by the value. A group is left
// out if an earlier one has all of its books.
type DuplicateFilter struct {
	UserID ID      // the owner
	After  *Cursor // only groups after this one; nil for the first page
	Limit  int     // the size of the page, at least 1
}

// Cursor returns the position of a group in the list. The id is not a part of it, but a cursor needs one.
func (f DuplicateFilter) Cursor(g BookGroup) Cursor {
	return Cursor{ID: f.UserID, Key: g.Folded, Part: slices.Index(SimilarFields, g.Field)}
}

// Rest returns the fields whose groups the page may have, and for each the value after which they begin.
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

// Merge merges books of one owner into another one of theirs. Afterwards they are gone, and the kept book has their
// reading records, loans and places on shelves, and what Absorb returns.
type Merge struct {
	ID    ID // the book that is kept
	Owner ID
	From  []ID
	At    time.Time
}

// MaxMerge is the largest number of books that are merged into another one at once.
const MaxMerge = 100

// Absorb returns the update of a book that other books are merged into. Fields that the book lacks are those of the first
// other book that has them. It gets all tags, the copies of all books, and the cover that
// is stored in the largest size.
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
			fields.SeriesNumber = nil // it is a number in another series
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

// better reports whether a cover is stored in a larger size than another one, or is the only one.
func better(cover, than Cover) bool {
	largest := func(c Cover) int { return slices.Max(append([]int{ThumbnailSize}, c.Sizes...)) }
	return cover.Name != "" && (than.Name == "" || largest(cover) > largest(than))
}

// allTags returns the first tags that a book may have, sorted; nil if there are none.
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

// Combine returns the reading record of a book that another book is merged into. r and other are the account's records of
// the two books. It has the status that goes further, with its progress, all reads, both reviews, and the rating of the
// record that was changed last, if that has one. Combining it with other once more changes nothing.
func (r Reading) Combine(other Reading) Reading {
	newer, older := r, other
	if other.UpdatedAt.After(r.UpdatedAt) {
		newer, older = other, r
	}
	combined := Reading{
		ReadingKey: r.ReadingKey, Status: newer.Status, Progress: newer.Progress,
		Rating: cmp.Or(newer.Rating, older.Rating), Reads: r.Reads.plus(other.Reads), Review: r.Review.plus(other.Review),
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

// rank returns how far a status goes, from want to read.
func (s ReadingStatus) rank() int {
	return slices.Index([]ReadingStatus{StatusWant, StatusAbandoned, StatusReading, StatusRead}, s)
}

// plus returns all reads of both lists, in their order. A read that both have is returned once.
func (r Reads) plus(other Reads) Reads {
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

// plus returns both reviews, one after the other. If one contains the other, it is the result.
func (r Review) plus(other Review) Review {
	switch {
	case strings.Contains(string(r), string(other)):
		return r
	case strings.Contains(string(other), string(r)):
		return other
	}
	return r + "\n\n" + other
}
