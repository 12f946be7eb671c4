package models

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The shelves that everybody has.
const (
	Wishlist = "wishlist"
	Cart     = "cart"
)

// Shelf is a named, ordered list of books that a user keeps. It is there while a book is on it.
type Shelf struct {
	Name  string
	Books int64 // how many
}

// Place is where on a shelf a book is: books are in the order of their places, which is that in which they were put
// there. It has 24 hex digits, as an ID has.
type Place = ID

// NewPlace is the place of a book that is put on a shelf now. Places sort by their milliseconds on all copies of the
// server; those that one copy makes within a millisecond, in the order in which it makes them.
func NewPlace(now time.Time) Place {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixMilli())<<16)
	n := idCounter.Add(1)
	b[6], b[7], b[8] = byte(n>>16), byte(n>>8), byte(n) //nolint:gosec // the counter has 24 bits
	copy(b[9:], idProcess)
	return Place(hex.EncodeToString(b[:]))
}

// ShelvedBook is a book on a shelf.
type ShelvedBook struct {
	Book
	Place Place
}

// ShelfKey names a shelf.
type ShelfKey struct {
	UserID ID
	Name   string // as ShelfName returns it
}

// ShelfFilter picks a page of a shelf.
type ShelfFilter struct {
	ShelfKey
	After Place // only books behind this place; empty for the first page
	Limit int   // at most so many, at least 1
}

// ShelfLimits is what one user may have.
type ShelfLimits struct {
	Shelves int // with books on them
	Books   int // on all shelves together, a book on two of them counting twice
}

// Check says whether a user who has these shelves may put one more book on the shelf of that name. Conflict.
func (l ShelfLimits) Check(has []Shelf, name string) error {
	books, isNew := 0, true
	for _, shelf := range has {
		books += int(shelf.Books)
		isNew = isNew && shelf.Name != name
	}
	if books >= l.Books || isNew && len(has) >= l.Shelves {
		return &Error{
			Code: Conflict, Name: "shelf_limit",
			Detail: fmt.Sprintf("the limit is %d shelves with %d books in all", l.Shelves, l.Books),
		}
	}
	return nil
}

// DefaultShelfLimits bound what listing the shelves reads: 10,000 entries take milliseconds on either engine, and are
// more than anybody's wish list, cart and reading lists together.
var DefaultShelfLimits = ShelfLimits{Shelves: 100, Books: 10_000}

// Shelves keeps which books are on whose shelves. A book that is deleted is on none any more, at once for every reader,
// even if the deleting was cut short.
type Shelves interface {
	// List returns the shelves of a user that have books on them, by name.
	List(ctx context.Context, userID ID) ([]Shelf, error)

	// Books returns a page of a shelf, in the order in which the books were put there. A shelf without books has none.
	Books(ctx context.Context, f ShelfFilter) ([]ShelvedBook, error)

	// Get returns a book that is on the shelf. NotFound if it is not.
	Get(ctx context.Context, shelf ShelfKey, bookID ID) (Book, error)

	// Put puts a book on a shelf and returns the book. One that is there already keeps its place. NotFound if there is no
	// such book; ErrNoAccount, as with Books.Create, if the owner of the shelf has no account; Conflict if a limit forbids
	// it. Of puts at the same time, a few may pass a limit together.
	Put(ctx context.Context, shelf ShelfKey, bookID ID, place Place, limits ShelfLimits) (Book, error)

	// Remove takes a book off a shelf. It is no error if it is not there.
	Remove(ctx context.Context, shelf ShelfKey, bookID ID) error

	// DeleteAll takes all books off all shelves of a user.
	DeleteAll(ctx context.Context, userID ID) error
}

// maxShelfName is the longest name of a shelf, in characters: it is part of an address and of every entry.
const maxShelfName = 50

// ShelfName returns the name in the form in which it is stored: in lower case. The error says what is wrong with it.
func ShelfName(s string) (string, error) {
	if n := utf8.RuneCountInString(s); n < 1 || n > maxShelfName {
		return "", fmt.Errorf("must have 1 to %d characters", maxShelfName)
	}
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' {
			return "", errors.New("must have letters, digits, - and _ only")
		}
	}
	return strings.ToLower(s), nil
}
