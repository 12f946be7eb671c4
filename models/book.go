package models

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Book is a stored book.
type Book struct {
	ID     ID
	UserID ID // the owner
	BookTexts
	BookDetails
	Cover     Cover
	Version   int       // the number of changes; 0 for a book of an older version that has not been changed since
	Lent      bool      // whether the book was ever lent; if not, it has no loans
	ImageURL  string    // the cover's URL, as stored by the tutorial's code; used if Cover is empty
	CreatedAt time.Time // zero for a book that the tutorial's code created
	UpdatedAt time.Time // zero for a book that only the tutorial's code has changed
	TrashedAt time.Time // when it was moved to the trash; zero for a book that is not there
	OwnerName string    // the PublicName of the owner, if the book is shown to other users; not stored with the book
	OpenLoans []Loan    // in no order; not stored with the book
	Reading   *Reading  // the reading record of the account that the book is shown to, or nil; not stored with the book
}

// BookTexts are the text fields of a book, with the names that clients use.
type BookTexts struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Category    string `json:"category"`
}

// BookUpdate is a change to a book; nil leaves a field unchanged.
type BookUpdate struct {
	Title       *string `json:"title"`
	Description *string `json:"description"`
	Category    *string `json:"category"`

	Subtitle     *string   `json:"subtitle"`
	Authors      *[]string `json:"authors"`
	ISBN         *string   `json:"isbn"`
	Publisher    *string   `json:"publisher"`
	Published    *string   `json:"published"`
	Language     *string   `json:"language"`
	Pages        *int      `json:"pages"`
	Series       *string   `json:"series"`
	SeriesNumber *float64  `json:"series_number"`
	Tags         *[]string `json:"tags"`
	Location     *string   `json:"location"`
	Copies       *int      `json:"copies"`

	Cover     *Cover // also clears ImageURL
	UpdatedAt time.Time
	IfVersion Versions // the update applies only to these versions
}

// Check validates the fields that the update changes. For each of them it calls reject with the field's name and the
// error, which is nil for a valid value. Check also replaces values by their stored form: a category becomes the known
// category that matches. An empty text clears a field, but the title must not be empty.
func (up *BookUpdate) Check(known Categories, reject func(name string, reason error)) {
	if up.Title != nil {
		reject("title", CheckTitle(*up.Title))
	}
	if up.Description != nil {
		reject("description", CheckDescription(*up.Description))
	}
	if up.Category != nil && *up.Category != "" {
		category, err := known.Resolve(*up.Category)
		reject("category", err)
		up.Category = &category
	}
	up.checkDetails(reject)
}

// Changes returns the names and the new values of the fields that the update changes, without the cover.
func (up BookUpdate) Changes() iter.Seq2[string, any] { return changes(up) }

// Fields returns the names of the fields that the update changes, separated by commas.
func (up BookUpdate) Fields() string {
	var names []string
	for name := range up.Changes() {
		names = append(names, name)
	}
	if up.Cover != nil {
		names = append(names, "cover")
	}
	return strings.Join(names, ",")
}

// Empty reports whether the update changes nothing.
func (up BookUpdate) Empty() bool { return up.Fields() == "" }

// Fill adds the changes of another update, except for fields that the update already changes. It returns the names of
// the added fields.
func (up *BookUpdate) Fill(other BookUpdate) (names []string) { return fill(up, other) }

// Omit removes the change of the named field from the update.
func (up *BookUpdate) Omit(name string) { omit(up, name) }

// Apply returns b with the update applied.
func (up BookUpdate) Apply(b Book) Book {
	apply(&b, up)
	if up.Cover != nil {
		b.Cover, b.ImageURL = *up.Cover, ""
	}
	b.UpdatedAt = up.UpdatedAt
	b.Version++
	return b
}

// Books stores the books.
type Books interface {
	// Create stores a new book. It returns Conflict if the owner has a book with the same title, or if another book has
	// the same id, even in the trash. It returns ErrNoAccount and stores nothing if the owner has no account, or if the
	// account is being deleted.
	Create(ctx context.Context, b Book) error
	// CreateAll stores new books of one owner, faster than Create. It skips the books for which Create would return
	// Conflict, and returns their positions. The other errors are those of Create.
	CreateAll(ctx context.Context, owner ID, list []Book) (conflicts []int, err error)
	// Get returns a book of any owner. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (Book, error)
	// Update changes a book of the owner, and returns the book before and after the change. It is atomic: concurrent
	// updates that replace the cover never return the same previous cover. It returns NotFound if the owner has no such
	// book, ErrVersion if the book does not have a version in up.IfVersion, and Conflict if the owner has another book
	// with the new title.
	Update(ctx context.Context, id, owner ID, up BookUpdate) (before, after Book, err error)
	// Delete deletes a book of the owner, with its loans, and returns the book. It returns NotFound if the owner has no such
	// book, and ErrVersion if the book does not have one of the versions in ifVersion.
	Delete(ctx context.Context, id, owner ID, ifVersion Versions) (Book, error)
	// DeleteOwned deletes up to limit books of an owner, with their loans and places on shelves, and returns these
	// books. If it returns fewer than limit books, none is left.
	DeleteOwned(ctx context.Context, owner ID, limit int) ([]Book, error)
	// List returns a page of books.
	List(ctx context.Context, f BookFilter) ([]Book, error)
	// Alike returns the books of an owner that have one of these ISBNs or titles, in no order. The titles are values of
	// BookSortKeys.Title.
	Alike(ctx context.Context, owner ID, isbns, titles []string) ([]Book, error)
	// Covers returns the names in the list that are covers of books, including books in the trash.
	Covers(ctx context.Context, names []string) ([]string, error)
	// Count returns the number of books that match the filter. It ignores Sort, After and Limit.
	Count(ctx context.Context, f BookFilter) (int64, error)
	// Facets counts the books that match the filter by each value of the FacetFields, and by their status in the
	// reading records of f.Reader. It ignores Sort, After and Limit.
	Facets(ctx context.Context, f BookFilter) (Facets, error)
	// Similar returns books of the same owner that are similar to b, the oldest first and at most MaxSimilar.
	Similar(ctx context.Context, b Book) ([]Book, error)
	// Duplicates returns a page of an owner's groups of similar books.
	Duplicates(ctx context.Context, f DuplicateFilter) ([]BookGroup, error)
	// Merge merges books. It returns the kept book, and the covers that all of the books had.
	//
	// It returns NotFound and changes nothing if the owner does not have all of the books. It skips books that an
	// earlier merge into the kept book has deleted. It returns Conflict and changes nothing if another book of the
	// owner has the title, the authors and the ISBN that the kept book would get. After any other error, no reading
	// record and no loan is lost, and the same call completes the merge.
	Merge(ctx context.Context, m Merge) (kept Book, covers []Cover, err error)
}

// Limits of a book's text, in characters. The full title of Robinson Crusoe, one of the longest, has 369.
const (
	MaxTitle       = 500
	MaxDescription = 10_000
)

// CheckTitle returns an error if the title is invalid.
func CheckTitle(title string) error {
	switch {
	case title == "":
		return ErrRequired
	case utf8.RuneCountInString(title) > MaxTitle:
		return fmt.Errorf("must have at most %d characters", MaxTitle)
	}
	return nil
}

// CheckDescription returns an error if the description is invalid.
func CheckDescription(description string) error {
	if utf8.RuneCountInString(description) > MaxDescription {
		return fmt.Errorf("must have at most %d characters", MaxDescription)
	}
	return nil
}

// Categories are the allowed categories of books.
type Categories []string

// DefaultCategories are the tutorial's categories, with correct spelling.
var DefaultCategories = Categories{
	"romance", "poetry", "politics", "picture book", "science", "fantasy", "horror", "thriller",
}

// TutorialPoetry is the tutorial's spelling of poetry. Clients may send it as a category.
const TutorialPoetry = "peotry"

// Resolve returns the known category that matches the client's, ignoring case and surrounding spaces. If there is none,
// it returns an error for the client.
func (c Categories) Resolve(category string) (string, error) {
	category = strings.TrimSpace(category)
	if category == "" {
		return "", ErrRequired
	}
	if strings.EqualFold(category, TutorialPoetry) {
		category = "poetry"
	}
	i := slices.IndexFunc(c, func(known string) bool { return strings.EqualFold(known, category) })
	if i < 0 {
		return "", errors.New("must be one of: " + strings.Join(c, ", "))
	}
	return c[i], nil
}
