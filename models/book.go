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

// Book is a book as it is stored.
type Book struct {
	ID     ID
	UserID ID // the owner
	BookTexts
	Cover     Cover
	ImageURL  string    // the cover's URL as the tutorial's code stored it; used while there is no Cover
	CreatedAt time.Time // zero for a book that the tutorial's code created
	UpdatedAt time.Time // zero for a book that only the tutorial's code has changed
}

// BookTexts are the texts of a book, as clients see them.
type BookTexts struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Category    string `json:"category"`
}

// BookUpdate is a change to a book; nil leaves a field as it is.
type BookUpdate struct {
	Title       *string `json:"title"`
	Description *string `json:"description"`
	Category    *string `json:"category"`
	Cover       *Cover  // replaces ImageURL as well
	UpdatedAt   time.Time
}

// Check calls reject with the name of each text that breaks a rule, and the reason. It replaces the category by the
// known one that its spelling means.
func (up *BookUpdate) Check(known Categories, reject func(name string, reason error)) {
	if up.Title != nil {
		reject("title", CheckTitle(*up.Title))
	}
	if up.Description != nil {
		reject("description", CheckDescription(*up.Description))
	}
	if up.Category != nil {
		category, err := known.Resolve(*up.Category)
		reject("category", err)
		up.Category = &category
	}
}

// Texts returns the names and the new values of the texts that the update changes.
func (up BookUpdate) Texts() iter.Seq2[string, any] { return changes(up) }

// Fields returns the names of the fields that the update changes, separated by commas.
func (up BookUpdate) Fields() string {
	var names []string
	for name := range up.Texts() {
		names = append(names, name)
	}
	if up.Cover != nil {
		names = append(names, "cover")
	}
	return strings.Join(names, ",")
}

// Empty reports whether the update changes nothing.
func (up BookUpdate) Empty() bool { return up.Fields() == "" }

// Apply returns b with the change made.
func (up BookUpdate) Apply(b Book) Book {
	apply(&b, up)
	if up.Cover != nil {
		b.Cover, b.ImageURL = *up.Cover, ""
	}
	b.UpdatedAt = up.UpdatedAt
	return b
}

// BookSort is the order of a list. Titles compare by their bytes; books of one title by their ids. The descending
// orders are the ascending ones from end to start.
type BookSort string

// The orders.
const (
	SortCreated     BookSort = "created" // oldest first
	SortCreatedDesc BookSort = "-created"
	SortTitle       BookSort = "title"
	SortTitleDesc   BookSort = "-title"
)

// BookSorts are all orders.
var BookSorts = []BookSort{SortCreated, SortCreatedDesc, SortTitle, SortTitleDesc}

// BookFilter picks a page of books. Pages follow each other by key, never by offset: the hundredth costs what the first
// does.
type BookFilter struct {
	UserID   ID     // of this owner; empty for all
	Category string // in this category; empty for all
	Sort     BookSort
	After    *Cursor // only books behind this place; nil for the first page
	Limit    int     // at most so many, at least 1
}

// Books keeps the books.
type Books interface {
	// Create stores a new book. Conflict if its owner has a book of that title. ErrNoAccount if the owner has no account,
	// and nothing is left then: who deletes an account and after that its books leaves none, whatever was under way.
	Create(ctx context.Context, b Book) error
	// Get returns a book, whoever owns it. NotFound.
	Get(ctx context.Context, id ID) (Book, error)
	// Update changes a book of that owner and returns it as it was before and as it is now, atomically, so that of two
	// updates that replace a cover each sees another one before. NotFound if there is none or it is another's; Conflict if
	// the owner has another book of the new title.
	Update(ctx context.Context, id, owner ID, up BookUpdate) (before, after Book, err error)
	// Delete removes a book of that owner and returns it. NotFound if there is none or it is another's.
	Delete(ctx context.Context, id, owner ID) (Book, error)
	// DeleteOwned removes books of an owner, at most limit of them, from all shelves too, and returns them. When it
	// returns fewer, none is left.
	DeleteOwned(ctx context.Context, owner ID, limit int) ([]Book, error)
	// List returns a page of books.
	List(ctx context.Context, f BookFilter) ([]Book, error)
	// Covers are those of the names that a book has for its cover.
	Covers(ctx context.Context, names []string) ([]string, error)
	// Count is how many books the filter picks, its After and Limit left out.
	Count(ctx context.Context, f BookFilter) (int64, error)
}

// Limits of a book's text, in characters. The longest title in common use, the full one of Robinson Crusoe, has 369.
const (
	MaxTitle       = 500
	MaxDescription = 10_000
)

// CheckTitle returns what is wrong with a title, or nil.
func CheckTitle(title string) error {
	switch {
	case title == "":
		return ErrRequired
	case utf8.RuneCountInString(title) > MaxTitle:
		return fmt.Errorf("must have at most %d characters", MaxTitle)
	}
	return nil
}

// CheckDescription returns what is wrong with a description, or nil.
func CheckDescription(description string) error {
	if utf8.RuneCountInString(description) > MaxDescription {
		return fmt.Errorf("must have at most %d characters", MaxDescription)
	}
	return nil
}

// Categories are the categories a book may be in.
type Categories []string

// DefaultCategories are the tutorial's, spelled right.
var DefaultCategories = Categories{
	"romance", "poetry", "politics", "picture book", "science", "fantasy", "horror", "thriller",
}

// TutorialPoetry is how the tutorial spells poetry. It is accepted wherever a category goes in.
const TutorialPoetry = "peotry"

// Resolve returns the category that a client's spelling means. Case and surrounding spaces do not count. The error says
// what is wrong with it.
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
