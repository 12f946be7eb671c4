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

// Reading is what an account records about its reading of a book. Nobody else sees it.
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

// ReadingKey identifies a reading. An account has at most one reading of a book.
type ReadingKey struct {
	UserID ID
	BookID ID
}

// ReadingUpdate is a change to a reading; nil leaves a field as it is.
type ReadingUpdate struct {
	Status    *ReadingStatus `json:"status"`
	Rating    *Rating        `json:"rating"`
	Progress  *Progress      `json:"progress"`
	Reads     *Reads         `json:"reads"`
	Review    *Review        `json:"review"`
	UpdatedAt time.Time
}

// Check calls reject for each field that the update changes. It passes the field's name and what is wrong with it, or
// nil.
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

// Whole returns the update with every field set. Fields that are nil get their zero value. So the result replaces a
// whole reading.
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

// Apply returns r with the change made.
func (up ReadingUpdate) Apply(r Reading) Reading {
	apply(&r, up)
	r.UpdatedAt = up.UpdatedAt
	return r
}

// ErrNoStatus is returned for a new reading without a status.
var ErrNoStatus = InvalidField("status", ErrRequired)

// ReadingStatus says what a reader does with a book.
type ReadingStatus string

// The statuses.
const (
	StatusWant      ReadingStatus = "want"
	StatusReading   ReadingStatus = "reading"
	StatusRead      ReadingStatus = "read"
	StatusAbandoned ReadingStatus = "abandoned"
)

var readingStatuses = []ReadingStatus{StatusWant, StatusReading, StatusRead, StatusAbandoned}

// Check returns what is wrong with a status, or nil.
func (s ReadingStatus) Check() error {
	switch {
	case s == "":
		return ErrRequired
	case !slices.Contains(readingStatuses, s):
		return errors.New("must be want, reading, read or abandoned")
	}
	return nil
}

// UnmarshalJSON reads a text, or null as no status.
func (s *ReadingStatus) UnmarshalJSON(value []byte) (err error) {
	*s, err = unmarshalText[ReadingStatus](value)
	return err
}

// Rating is a number of stars in quarters, from 1 for a quarter to 20 for five stars. Zero is no rating.
type Rating int

const (
	quarters  = 4 // of a star
	maxRating = 5 * quarters
)

// MarshalJSON writes the number of stars, or null for no rating.
func (r Rating) MarshalJSON() ([]byte, error) {
	if r == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(r)/quarters, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number of stars, or null as no rating.
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

// Progress is how far a reader has come in a book. The zero value is none.
type Progress struct {
	Unit  ProgressUnit
	Value int
}

// ProgressUnit says what a progress counts.
type ProgressUnit string

// The units.
const (
	UnitPage    ProgressUnit = "page"
	UnitPercent ProgressUnit = "percent"
)

// maxPage is more than any book has: the longest novels have some ten thousand pages.
const maxPage = 100_000

// MarshalJSON writes an object with the unit, or null for none.
func (p Progress) MarshalJSON() ([]byte, error) {
	if p.Unit == "" {
		return []byte("null"), nil
	}
	return json.Marshal(map[ProgressUnit]int{p.Unit: p.Value})
}

// UnmarshalJSON reads what MarshalJSON writes.
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

// Check returns what is wrong with a progress, or nil.
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

// Read is one time that a reader reads a book. It may not have ended yet.
type Read struct {
	Started  Date `json:"started"`
	Finished Date `json:"finished"`
}

// Reads are all times that a reader has read a book, in order.
type Reads []Read

// maxReads is more often than anybody reads a book.
const maxReads = 100

// MarshalJSON writes an array, also for no reads.
func (r Reads) MarshalJSON() ([]byte, error) {
	return json.Marshal(append([]Read{}, r...))
}

// UnmarshalJSON reads an array of objects, or null as no reads. The error says which read is wrong.
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

// Check returns what is wrong with the reads, or nil.
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

// Finished returns the last day on which a read ended, or zero if no read has ended.
func (r Reads) Finished() (last Date) {
	for _, read := range r {
		last = max(last, read.Finished)
	}
	return last
}

// Years returns the years in which reads ended.
func (r Reads) Years() []int {
	years := []int{}
	for _, read := range r {
		if read.Finished != 0 {
			years = append(years, read.Finished.Month().Year())
		}
	}
	return years
}

// Review are private notes on a book.
type Review string

// UnmarshalJSON reads a text, or null as an empty one. It removes leading and trailing spaces.
func (r *Review) UnmarshalJSON(value []byte) error {
	text, err := unmarshalText[string](value)
	*r = Review(strings.TrimSpace(text))
	return err
}

// maxReview is the longest review, in characters.
const maxReview = 10_000

// Check returns what is wrong with a review, or nil.
func (r Review) Check() error {
	switch {
	case utf8.RuneCountInString(string(r)) > maxReview:
		return fmt.Errorf("must have at most %d characters", maxReview)
	case strings.ContainsRune(string(r), 0):
		return errors.New("must have no NUL character")
	}
	return nil
}

// unmarshalText reads a JSON string, or null as an empty text.
func unmarshalText[T ~string](value []byte) (T, error) {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return "", errors.New("must be text")
	}
	return T(text), nil
}

// ReadingSort is the order of a list of readings. Readings with the same value are sorted by the book's id. Unknown values
// come first. A descending order is the exact reverse of the ascending one.
type ReadingSort string

// The orders.
const (
	SortUpdated      ReadingSort = "updated" // the least recently changed first
	SortUpdatedDesc  ReadingSort = "-updated"
	SortFinished     ReadingSort = "finished" // by the last day on which a read ended
	SortFinishedDesc ReadingSort = "-finished"
	SortRating       ReadingSort = "rating"
	SortRatingDesc   ReadingSort = "-rating"
)

// ReadingSorts are all orders.
var ReadingSorts = []ReadingSort{
	SortUpdated, SortUpdatedDesc, SortFinished, SortFinishedDesc, SortRating, SortRatingDesc,
}

// Cursor returns the position of a reading in a list of this order.
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

// ReadingFilter selects a page of a user's readings.
type ReadingFilter struct {
	UserID ID
	Status ReadingStatus // only readings of this status; empty for all
	Year   int           // only readings with a read that ended in this year; zero for all
	Sort   ReadingSort
	After  *Cursor // only readings after this one; nil for the first page
	Limit  int     // the size of the page, at least 1
}

// ReadingStats are counts of a user's readings.
type ReadingStats struct {
	Finished map[Month]int  // the number of reads that ended, by month
	Ratings  map[Rating]int // the number of rated readings with a read that ended in the year, by rating
	Goal     Goal           // for the year
}

// Years returns the number of reads that ended, by year.
func (s ReadingStats) Years() map[int]int {
	years := map[int]int{}
	for month, n := range s.Finished {
		years[month.Year()] += n
	}
	return years
}

// Streak returns the number of months in a row, up to this one, in which a read ended. If no read has ended in this
// month yet, the months up to the previous one count.
func (s ReadingStats) Streak(this Month) (months int) {
	month := this
	if s.Finished[month] == 0 {
		month = month.Previous()
	}
	for ; s.Finished[month] > 0; month = month.Previous() {
		months++
	}
	return months
}

// Month is a month as a number: 200402 is February 2004.
type Month int

// MonthOf returns the month of a time.
func MonthOf(t time.Time) Month { return Month(t.Year()*100 + int(t.Month())) }

// Month returns the month of a day.
func (d Date) Month() Month { return Month(d / 100) }

// Year returns the month's year.
func (m Month) Year() int { return int(m) / 100 }

// Previous returns the month before m.
func (m Month) Previous() Month {
	if m%100 == 1 {
		return m - 100 + 11 // December of the year before
	}
	return m - 1
}

// Goal is how many books a user wants to read in a year. Zero is none.
type Goal int

// maxGoal is more than anybody reads in a year.
const maxGoal = 10_000

// MarshalJSON writes the number, or null for none.
func (g Goal) MarshalJSON() ([]byte, error) {
	if g == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int(g))
}

// UnmarshalJSON reads what MarshalJSON writes.
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

// Once a book is deleted, no method returns its readings. Get and Of are exceptions: they may return them if the
// deletion was interrupted.
type Readings interface {
	// Get returns a reading. It returns NotFound if there is none.
	Get(ctx context.Context, key ReadingKey) (Reading, error)
	// Of returns the readings that a user has of these books, in any order.
	Of(ctx context.Context, userID ID, books []ID) ([]Reading, error)
	// List returns a page of books with the user's readings of them.
	List(ctx context.Context, f ReadingFilter) ([]Book, error)
	// Put changes a reading atomically and returns it as it is after the change. It creates a missing reading, and
	// returns ErrNoStatus if the change has no status for it. It returns NotFound if the book does not exist, and
	// ErrNoAccount (as Books.Create does) if the user has no account.
	Put(ctx context.Context, key ReadingKey, up ReadingUpdate) (Reading, error)
	// Stats counts a user's readings. The year is for the fields of ReadingStats that count one year.
	Stats(ctx context.Context, userID ID, year int) (ReadingStats, error)
	// PutGoal sets the goal of a user for a year; zero removes it. It returns ErrNoAccount if the user has no account.
	PutGoal(ctx context.Context, userID ID, year int, goal Goal) error
	// Delete deletes a reading. It is not an error if there is none.
	Delete(ctx context.Context, key ReadingKey) error
	// DeleteAll deletes all readings and goals of a user.
	DeleteAll(ctx context.Context, userID ID) error
}
