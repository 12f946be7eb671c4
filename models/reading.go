package models

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Reading is an account's private record of reading a book.
type Reading struct {
	ReadingKey
	Status    ReadingStatus
	Rating    Rating
	Progress  Progress
	Reads     Reads
	Review    Review
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ReadingKey identifies a reading record. An account has at most one for each book.
type ReadingKey struct {
	UserID ID
	BookID ID
}

// ReadingUpdate is a change to a reading record; nil leaves a field unchanged.
type ReadingUpdate struct {
	Status    *ReadingStatus `json:"status"`
	Rating    *Rating        `json:"rating"`
	Progress  *Progress      `json:"progress"`
	Reads     *Reads         `json:"reads"`
	Review    *Review        `json:"review"`
	UpdatedAt time.Time
}

// Check validates the fields that the update changes. For each of them it calls reject with the field's name and the
// error, which is nil for a valid value.
func (up ReadingUpdate) Check(reject func(name string, reason error)) {
	if up.Status != nil {
		reject("status", up.Status.Check())
	}
	if up.Progress != nil {
		reject("progress", up.Progress.Check())
	}
	if up.Reads != nil {
		reject("reads", up.Reads.Check())
	}
	if up.Review != nil {
		reject("review", up.Review.Check())
	}
}

// Whole returns the update with nil fields replaced by zero values. The result sets every field of a reading record.
func (up ReadingUpdate) Whole() ReadingUpdate {
	return ReadingUpdate{
		Status:    cmp.Or(up.Status, new(ReadingStatus)),
		Rating:    cmp.Or(up.Rating, new(Rating)),
		Progress:  cmp.Or(up.Progress, new(Progress)),
		Reads:     cmp.Or(up.Reads, new(Reads)),
		Review:    cmp.Or(up.Review, new(Review)),
		UpdatedAt: up.UpdatedAt,
	}
}

// Fields returns the names and the new values of the fields that the update changes.
func (up ReadingUpdate) Fields() iter.Seq2[string, any] { return changes(up) }

// Apply returns r with the update applied.
func (up ReadingUpdate) Apply(r Reading) Reading {
	apply(&r, up)
	r.UpdatedAt = up.UpdatedAt
	return r
}

// ErrNoStatus is returned for a new reading record without a status.
var ErrNoStatus = InvalidField("status", ErrRequired)

// ReadingStatus says whether a user wants to read a book, is reading it, has read it or has abandoned it.
type ReadingStatus string

// The statuses.
// The statuses.
const (
	StatusWant      ReadingStatus = "want"
	StatusReading   ReadingStatus = "reading"
	StatusRead      ReadingStatus = "read"
	StatusAbandoned ReadingStatus = "abandoned"
)

// ReadingStatuses are all values of ReadingStatus.
var ReadingStatuses = []ReadingStatus{StatusWant, StatusReading, StatusRead, StatusAbandoned}

// Check returns an error if the status is unknown.
func (s ReadingStatus) Check() error {
	switch {
	case s == "":
		return ErrRequired
	case !slices.Contains(ReadingStatuses, s):
		return errors.New("must be want, reading, read or abandoned")
	}
	return nil
}

// UnmarshalJSON decodes a string. It decodes null as an empty status.
func (s *ReadingStatus) UnmarshalJSON(value []byte) (err error) {
	*s, err = unmarshalText[ReadingStatus](value)
	return err
}

// Rating is a number of quarter stars from 1 to 20. Zero means no rating.
type Rating int

const (
	quarters  = 4 // quarters in a star
	maxRating = 5 * quarters
)

// MarshalJSON returns the number of stars, or null for no rating.
func (r Rating) MarshalJSON() ([]byte, error) {
	if r == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(r)/quarters, 'f', -1, 64), nil
}

// UnmarshalJSON decodes a number of stars. It decodes null as no rating.
func (r *Rating) UnmarshalJSON(value []byte) error {
	var stars *float64
	err := json.Unmarshal(value, &stars)
	if err == nil && stars == nil {
		*r = 0
		return nil
	}
	if err != nil || *stars*quarters < 1 || *stars*quarters > maxRating || *stars*quarters != math.Trunc(*stars*quarters) {
		return errors.New("must be a number from 0.25 to 5 in steps of 0.25")
	}
	*r = Rating(*stars * quarters)
	return nil
}

// Progress says how far a user has read a book. The zero Progress means unknown.
type Progress struct {
	Unit  ProgressUnit
	Value int
}

// ProgressUnit is the unit of a Progress.
// ProgressUnit is the unit of a Progress.
type ProgressUnit string

// The units.
// The units.
const (
	UnitPage    ProgressUnit = "page"
	UnitPercent ProgressUnit = "percent"
)

// maxPage is more than any book has: the longest novels have about ten thousand pages.
const maxPage = 100_000

// MarshalJSON returns an object such as {"page": 12}, or null for the zero value.
func (p Progress) MarshalJSON() ([]byte, error) {
	if p.Unit == "" {
		return []byte("null"), nil
	}
	return json.Marshal(map[ProgressUnit]int{p.Unit: p.Value})
}

// UnmarshalJSON decodes the form that MarshalJSON returns.
func (p *Progress) UnmarshalJSON(value []byte) error {
	var in *struct {
		Page    *int `json:"page"`
		Percent *int `json:"percent"`
	}
	err := json.Unmarshal(value, &in)
	switch {
	case err == nil && in == nil:
		*p = Progress{}
	case err == nil && in.Page != nil && in.Percent == nil:
		*p = Progress{UnitPage, *in.Page}
	case err == nil && in.Page == nil && in.Percent != nil:
		*p = Progress{UnitPercent, *in.Percent}
	default:
		return errors.New(`must be {"page": n} or {"percent": n} with a whole number`)
	}
	return nil
}

// Check returns an error if the progress is out of range.
func (p Progress) Check() error {
	limit := maxPage
	if p.Unit == UnitPercent {
		limit = 100
	}
	if p.Value < 0 || p.Value > limit {
		return fmt.Errorf("%s must be 0 to %d", p.Unit, limit)
	}
	return nil
}

// Read is one reading of a book from beginning to end. Finished is zero until the user finishes the book.
type Read struct {
	Started  Date `json:"started"`
	Finished Date `json:"finished"`
}

// Reads lists the times that a user has read a book, in order.
type Reads []Read

// maxReads is the maximum length of Reads. Nobody reads a book more often.
const maxReads = 100

// MarshalJSON returns an array. It is empty, not null, for nil Reads.
func (r Reads) MarshalJSON() ([]byte, error) {
	return json.Marshal(append([]Read{}, r...))
}

// UnmarshalJSON decodes an array of {started, finished} objects. It decodes null as an empty list. Its error has the
// number of the invalid element.
func (r *Reads) UnmarshalJSON(value []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		return errors.New("must be a list of {started, finished}")
	}
	*r = nil
	for i, text := range list {
		var read Read
		err := json.Unmarshal(text, &read)
		if _, mistyped := errors.AsType[*json.UnmarshalTypeError](err); mistyped {
			err = errors.New("must be {started, finished}")
		}
		if err != nil {
			return fmt.Errorf("read %d: %w", i+1, err)
		}
		*r = append(*r, read)
	}
	return nil
}

// Check returns an error if a read is invalid or if there are too many.
func (r Reads) Check() error {
	if len(r) > maxReads {
		return fmt.Errorf("must be at most %d", maxReads)
	}
	for i, read := range r {
		if read.Finished != 0 && read.Finished < read.Started {
			return fmt.Errorf("read %d: ends before it begins", i+1)
		}
	}
	return nil
}

// Finished returns the last day on which the user finished the book, or zero if there is none.
func (r Reads) Finished() (last Date) {
	for _, read := range r {
		last = max(last, read.Finished)
	}
	return last
}

// Years returns the years in which the user finished the book.
func (r Reads) Years() []int {
	years := []int{}
	for _, read := range r {
		if read.Finished != 0 {
			years = append(years, read.Finished.Month().Year())
		}
	}
	return years
}

// Review is a user's private notes on a book.
type Review string

// UnmarshalJSON decodes a string and removes leading and trailing spaces. It decodes null as an empty review.
func (r *Review) UnmarshalJSON(value []byte) error {
	text, err := unmarshalText[string](value)
	*r = Review(strings.TrimSpace(text))
	return err
}

// maxReview is the maximum length of a review, in characters.
const maxReview = 10_000

// Check returns an error if the review is invalid.
func (r Review) Check() error {
	switch {
	case utf8.RuneCountInString(string(r)) > maxReview:
		return fmt.Errorf("must have at most %d characters", maxReview)
	case strings.ContainsRune(string(r), 0):
		return errors.New("must have no NUL character")
	}
	return nil
}

// unmarshalText decodes a JSON string. It decodes null as an empty string.
func unmarshalText[T ~string](value []byte) (T, error) {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return "", errors.New("must be text")
	}
	return T(text), nil
}

// ReadingSort is the order of a list of reading records. Records with the same value are sorted by the book's id.
// Unknown values come first. A descending order is the exact reverse of the ascending one.
type ReadingSort string

// The orders.
// The orders.
const (
	SortUpdated      ReadingSort = "updated" // least recently changed first
	SortUpdatedDesc  ReadingSort = "-updated"
	SortFinished     ReadingSort = "finished" // by the last day on which the user finished the book
	SortFinishedDesc ReadingSort = "-finished"
	SortRating       ReadingSort = "rating"
	SortRatingDesc   ReadingSort = "-rating"
)

// ReadingSorts are all values of ReadingSort.
var ReadingSorts = []ReadingSort{
	SortUpdated, SortUpdatedDesc, SortFinished, SortFinishedDesc, SortRating, SortRatingDesc,
}

// Cursor returns the position of a reading record in a list of this order.
func (s ReadingSort) Cursor(r Reading) Cursor {
	c := Cursor{ID: r.BookID}
	switch s {
	case SortFinished, SortFinishedDesc:
		c.Number = int64(r.Reads.Finished())
	case SortRating, SortRatingDesc:
		c.Number = int64(r.Rating)
	default:
		c.Number = r.UpdatedAt.UnixMilli()
	}
	return c
}

// ReadingFilter selects a page of a user's reading records.
type ReadingFilter struct {
	UserID ID
	Status ReadingStatus // only records with this status; empty for all
	Year   int           // only records of books that the user finished in this year; zero for all
	Sort   ReadingSort
	After  *Cursor // only records after this one; nil for the first page
	Limit  int     // the size of the page, at least 1
}

// StatsFilter selects the reading records that the statistics count.
type StatsFilter struct {
	UserID ID  // the reader
	Owner  ID  // only books of this owner; empty for all
	Year   int // the year of those statistics that describe one year
}

// ReadingStats are statistics of a user's reading records. Finished counts a book each time that the user finished it.
// The fields after Goal describe the books that the user finished in the year. They count each book once.
type ReadingStats struct {
	Finished map[Month]ReadCount // the finished books by month, of all years
	Goal     Goal                // the goal for the year

	Ratings    map[Rating]int
	Categories []NameCount
	Languages  []NameCount
	Authors    []NameCount
	Longest    *BookLength // nil if no book has a number of pages; if several are longest, the book with the smallest id
	Shortest   *BookLength
}

// ReadCount is a number of finished books and of their pages. A book that was read twice counts twice.
type ReadCount struct {
	Books int `json:"books"`
	Pages int `json:"pages"` // without books whose number of pages is unknown
}

// Plus returns the sum of two counts.
func (c ReadCount) Plus(d ReadCount) ReadCount {
	return ReadCount{c.Books + d.Books, c.Pages + d.Pages}
}

// NameCount is the number of books with a name, such as an author's. A list of NameCounts is sorted by descending
// number. Names with the same number are sorted byte by byte.
type NameCount struct {
	Name  string `json:"name"`
	Books int    `json:"books"`
}

// MaxNameCounts is the maximum length of a list of NameCounts.
const MaxNameCounts = 50

// BookLength is a book with its number of pages.
// BookLength is a book with its number of pages.
type BookLength struct {
	ID    ID     `json:"_id"`
	Title string `json:"title"`
	Pages int    `json:"pages"`
}

// Years returns the sums of Finished by year.
func (s ReadingStats) Years() map[int]ReadCount {
	years := map[int]ReadCount{}
	for month, count := range s.Finished {
		years[month.Year()] = years[month.Year()].Plus(count)
	}
	return years
}

// Streak returns the number of consecutive months, up to this one, in which the user finished a book. If the user has
// not finished a book in this month, the streak ends with the previous month.
func (s ReadingStats) Streak(this Month) (months int) {
	month := this
	if s.Finished[month].Books == 0 {
		month = month.Previous()
	}
	for ; s.Finished[month].Books > 0; month = month.Previous() {
		months++
	}
	return months
}

// Month is a month as a number: 200402 is February 2004.
type Month int

// MonthOf returns the month of a time.
func MonthOf(t time.Time) Month { return Month(t.Year()*100 + int(t.Month())) }

// Month returns the month of a day.
// Month returns the month of a day.
func (d Date) Month() Month { return Month(d / 100) }

// Year returns the year of a month.
// Year returns the year of a month.
func (m Month) Year() int { return int(m) / 100 }

// Previous returns the month before m.
func (m Month) Previous() Month {
	if m%100 == 1 {
		return m - 100 + 11 // December of the previous year
	}
	return m - 1
}

// Goal is the number of books that a user wants to read in a year. Zero means no goal.
type Goal int

// maxGoal is the maximum goal. Nobody reads more books in a year.
const maxGoal = 10_000

// MarshalJSON returns the number, or null for no goal.
func (g Goal) MarshalJSON() ([]byte, error) {
	if g == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(g))
}

// UnmarshalJSON decodes the form that MarshalJSON returns.
func (g *Goal) UnmarshalJSON(value []byte) error {
	var n *int
	err := json.Unmarshal(value, &n)
	if err == nil && n == nil {
		*g = 0
		return nil
	}
	if err != nil || *n < 1 || *n > maxGoal {
		return fmt.Errorf("must be a whole number from 1 to %d, or null", maxGoal)
	}
	*g = Goal(*n)
	return nil
}

// Readings stores the reading records and goals of users. After a book is deleted, no method returns its records. If
// the deletion was interrupted, Get and Of may still return them.
type Readings interface {
	// Get returns a reading record. It returns NotFound if there is none.
	Get(ctx context.Context, key ReadingKey) (Reading, error)
	// Of returns the user's reading records of these books, in any order.
	Of(ctx context.Context, userID ID, books []ID) ([]Reading, error)
	// List returns a page of books with the user's reading records of them.
	List(ctx context.Context, f ReadingFilter) ([]Book, error)
	// Put changes or creates a reading record atomically, and returns it. It returns ErrNoStatus if a new record would
	// have no status. It returns NotFound if the book does not exist, and ErrNoAccount if the user has no account.
	Put(ctx context.Context, key ReadingKey, up ReadingUpdate) (Reading, error)
	// CreateAll stores new reading records of one user. It skips records of books that do not exist, and of books that
	// the user already has a record of. It returns ErrNoAccount if the user has no account.
	CreateAll(ctx context.Context, userID ID, list []Reading) error
	// Stats returns statistics of a user's reading records. Its use of memory does not depend on their number.
	Stats(ctx context.Context, f StatsFilter) (ReadingStats, error)
	// PutGoal sets the goal of a user for a year; zero removes it. It returns ErrNoAccount if the user has no account.
	PutGoal(ctx context.Context, userID ID, year int, goal Goal) error
	// Goals returns a user's goals by year.
	Goals(ctx context.Context, userID ID) (map[int]Goal, error)
	// Delete deletes a reading record. It is not an error if there is none.
	Delete(ctx context.Context, key ReadingKey) error
	// DeleteAll deletes all reading records and goals of a user.
	DeleteAll(ctx context.Context, userID ID) error
}
