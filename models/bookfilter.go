package models

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// BookFilter selects a page of books. A page begins after a given book instead of at an offset, so the hundredth page
// costs as much as the first. A field with its zero value excludes no books.
type BookFilter struct {
	UserID    ID     // the owner
	Category  string // as Categories.Resolve returns it
	Query     Query
	Values    []FieldValue // a book must have each of them
	Published Dates
	OnLoan    *bool // whether at least one copy is lent

	Reader ID // the account whose reading records are used by Status, Rating and SortOwnRating
	Status ReadingStatus
	Rating Ratings

	Sort  BookSort
	After *Cursor // only books after this one; nil for the first page
	Limit int     // the size of the page, at least 1
}

// FieldValue is a value of a field. Folded is the value as Fold returns it.
// FieldValue is a value of a field. Folded is the value as Fold returns it.
type FieldValue struct {
	Field  BookField
	Folded string
}

// Dates is an inclusive range of dates of publication, each a year, a month or a day. A year or a month stands for all
// of its days. An empty First or Last leaves the range open on that side.
type Dates struct{ First, Last string }

// Bounds returns the smallest and the largest string that a date in the range can have.
func (d Dates) Bounds() (least, greatest string) {
	return max(d.First, "0"), d.Last + "~" // the tilde sorts after digits and hyphens
}

// ParseDates parses a date or a range of dates: 1999, 1990..1999, 1990.. or ..1999-05.
func ParseDates(text string) (d Dates, err error) {
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = first
	}
	for _, date := range []struct {
		text  string
		field *string
	}{{first, &d.First}, {last, &d.Last}} {
		if date.text != "" {
			*date.field, err = parsePublished(date.text)
		}
		if err != nil || first == "" && last == "" {
			return Dates{}, errors.New("must be a date or a range such as 1999, 1990..1999, 1990.. or ..1999-05")
		}
	}
	return d, nil
}

// Ratings is an inclusive range of ratings.
type Ratings struct{ Lowest, Highest Rating }

// ParseRatings parses a number of stars or a range of them: 4, 3.5..5, 4.. or ..2.
func ParseRatings(text string) (r Ratings, err error) {
	lowest, highest, isRange := strings.Cut(text, "..")
	if !isRange {
		highest = lowest
	}
	r = Ratings{1, maxRating}
	for _, stars := range []struct {
		text  string
		field *Rating
	}{{lowest, &r.Lowest}, {highest, &r.Highest}} {
		if stars.text != "" && stars.text != "null" {
			err = stars.field.UnmarshalJSON([]byte(stars.text))
		}
		if err != nil || stars.text == "null" || lowest == "" && highest == "" {
			return Ratings{}, errors.New("must be a number of stars from 0.25 to 5 in steps of 0.25, or a range such as 4..5, 4.. or ..2")
		}
	}
	return r, nil
}

// OfReadings reports whether the filter uses the reading records of f.Reader.
func (f BookFilter) OfReadings() bool { return f.Status != "" || f.Rating != Ratings{} }

// OnlyOwner reports whether no field of the filter except UserID excludes books.
func (f BookFilter) OnlyOwner() bool {
	return f.Category == "" && f.Query.IsZero() && f.Values == nil && f.Published == Dates{} && f.OnLoan == nil && !f.OfReadings()
}

// OnlyCategory reports whether no field of the filter except UserID and Category excludes books.
func (f BookFilter) OnlyCategory() bool {
	f.Category = ""
	return f.OnlyOwner()
}

// BookSort is the order of a list of books. Texts are compared in their folded form. Books that compare equal are
// sorted by id. A descending order is the exact reverse of the ascending one.
type BookSort string

// In an ascending order, books without a value in the sorted field come first.
const (
	SortCreated   BookSort = "created" // oldest first
	SortTitle     BookSort = "title"
	SortAuthor    BookSort = "author"
	SortPublished BookSort = "published"
	SortSeries    BookSort = "series"
	SortOwnRating BookSort = "rating" // the rating by f.Reader
	SortRelevance BookSort = "relevance"

	SortCreatedDesc   = "-" + SortCreated
	SortTitleDesc     = "-" + SortTitle
	SortOwnRatingDesc = "-" + SortOwnRating
)

// BookSorts are the ascending orders. A leading hyphen makes an order descending.
var BookSorts = []BookSort{SortCreated, SortTitle, SortAuthor, SortPublished, SortOwnRating, SortSeries}

// Ascending returns the order without its leading hyphen, and whether it had one.
func (s BookSort) Ascending() (ascending BookSort, descending bool) {
	name, descending := strings.CutPrefix(string(s), "-")
	return BookSort(name), descending
}

// The parts of a list that is sorted by relevance, best matches first.
const (
	PartTitle   = iota // the query is the title
	PartHeading        // all words are in the title, the subtitle, the authors or the series
	PartBody           // at least one word is only in other fields

)

// The parts of a list that is sorted by ascending rating.
const (
	PartUnrated = iota
	PartRated
)

// Parts returns the parts of the list in order. Each part has the books that meet one condition, and is sorted
// separately. Most lists have a single part, 0.
func (f BookFilter) Parts() []int {
	switch f.Sort {
	case SortRelevance:
		return []int{PartTitle, PartHeading, PartBody}
	case SortOwnRating:
		return []int{PartUnrated, PartRated}
	case SortOwnRatingDesc:
		return []int{PartRated, PartUnrated}
	}
	return []int{0}
}

// Cursor returns the position of a book in the list. If the list is sorted by rating, b.Reading must be set.
func (f BookFilter) Cursor(b Book) Cursor {
	c := Cursor{ID: b.ID}
	switch sort, _ := f.Sort.Ascending(); sort {
	case SortRelevance:
		c.Part = f.Query.part(b)
	case SortOwnRating:
		if b.Reading != nil && b.Reading.Rating != 0 {
			c.Part, c.Number = PartRated, int64(b.Reading.Rating)
		}
	default:
		c.Key = b.SortKeys().of(sort)
	}
	return c
}

// part returns the part of a list by relevance that has the book. The book must match the query.
func (q Query) part(b Book) int {
	switch {
	case q.Title == b.SortKeys().Title:
		return PartTitle
	case q.allIn(b.Words().Heading):
		return PartHeading
	}
	return PartBody
}

// allIn reports whether a sorted list of words contains every word of the query.
func (q Query) allIn(list []string) bool {
	for _, word := range q.Words {
		if _, found := slices.BinarySearch(list, word); !found {
			return false
		}
	}
	i, _ := slices.BinarySearch(list, q.Last)
	return i < len(list) && strings.HasPrefix(list[i], q.Last)
}

// BookSortKeys are the texts by which books are sorted. They are compared byte by byte.
type BookSortKeys struct {
	Title, Author, Published, Series string
}

// SortKeys returns the sort keys of a book. Books of the same series are sorted by their number in it.
func (b Book) SortKeys() BookSortKeys {
	keys := BookSortKeys{
		Title: titleSortKey(b.Title), Author: Fold(strings.Join(b.Authors, "\n")), Published: b.Published,
	}
	if b.Series != "" {
		keys.Series = fmt.Sprintf("%s\n%08.2f", Fold(b.Series), b.SeriesNumber)
	}
	return keys
}

func titleSortKey(title string) string { return Fold(strings.TrimSpace(title)) }

// of returns the sort key for an ascending order, or an empty string if the order does not sort by text.
func (k BookSortKeys) of(sort BookSort) string {
	return map[BookSort]string{
		SortTitle: k.Title, SortAuthor: k.Author, SortPublished: k.Published, SortSeries: k.Series,
	}[sort]
}

// BookField is a field by which books can be filtered or counted.
type BookField string

// The fields.
// The fields.
const (
	FieldAuthor   BookField = "author"
	FieldCategory BookField = "category"
	FieldCover    BookField = "has_cover" // "true" or "false"
	FieldDecade   BookField = "decade"    // the first year of the decade, such as 1990
	FieldISBN     BookField = "isbn"
	FieldLanguage BookField = "language"
	FieldLocation BookField = "location"
	FieldSeries   BookField = "series"
	FieldTag      BookField = "tag"
	FieldWork     BookField = "work" // the title and an author, with a line break between them
)

// Values returns all values that the book has in BookFields, in the form in which they are shown.
func (b Book) Values() iter.Seq2[BookField, string] {
	return func(yield func(BookField, string) bool) {
		for _, author := range b.Authors {
			if !yield(FieldAuthor, author) || !yield(FieldWork, titleSortKey(b.Title)+"\n"+author) {
				return
			}
		}
		for _, tag := range b.Tags {
			if !yield(FieldTag, tag) {
				return
			}
		}
		for _, v := range []struct {
			field BookField
			value string
		}{
			{FieldCategory, b.Category},
			{FieldCover, fmt.Sprint(b.HasCover())},
			{FieldDecade, b.Decade()},
			{FieldISBN, b.ISBN},
			{FieldLanguage, b.Language},
			{FieldLocation, b.Location},
			{FieldSeries, b.Series},
		} {
			if v.value != "" && !yield(v.field, v.value) {
				return
			}
		}
	}
}

// HasCover reports whether the book has a cover. The placeholder does not count.
func (b Book) HasCover() bool { return b.Cover.Name != "" || b.ImageURL != "" }

// Decade returns the first year of the decade in which the book was published, or an empty string if the year is
// unknown.
func (b Book) Decade() string {
	if len(b.Published) < len("2004") { // another program may have stored a shorter text
		return ""
	}
	return b.Published[:3] + "0"
}

// FacetFields are the fields whose values Books.Facets counts.
var FacetFields = []BookField{FieldCategory, FieldTag, FieldAuthor, FieldSeries, FieldLanguage, FieldDecade}

// FacetStatus is the facet that counts the status of reading records.
const FacetStatus BookField = "status"

// MaxFacet is the maximum number of values of a facet. Only the most frequent values are returned.
const MaxFacet = 50

// Facets maps each field to its values, with the number of books that have each value. The most frequent values come
// first. Equally frequent values are sorted byte by byte.
type Facets map[BookField][]ValueCount

// ValueCount is the number of books that have a value.
type ValueCount struct {
	Value string `json:"value"`
	Books int    `json:"books"`
}

// SortCounts returns the values of a facet in order. books maps each value to the number of books that have it.
func SortCounts(books map[string]int) (counts []ValueCount) {
	for value, n := range books {
		counts = append(counts, ValueCount{Value: value, Books: n})
	}
	slices.SortFunc(counts, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Books, a.Books), cmp.Compare(a.Value, b.Value))
	})
	return counts
}
