package models

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Names of the shelves that every user has.
const (
	Wishlist = "wishlist"
	Cart     = "cart"
)

// Shelf is a user's named, ordered list of books. It exists while it has at least one book.
type Shelf struct {
	Name  string
	Books int64 // the number of books
}

// Place is the position of a book on a shelf. Places sort as text. A new book gets a Place of 24 hex digits; a book that is
// moved between two others may get a longer one.
type Place string

// NewPlace returns the place of a book that is added to a shelf now. Places sort by time, to the millisecond. Places
// that one server makes in the same millisecond sort in the order in which it makes them.
func NewPlace(now time.Time) Place {
	var b [12]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixMilli())<<16)
	n := idCounter.Add(1)
	b[6], b[7], b[8] = byte(n>>16), byte(n>>8), byte(n) //nolint:gosec // the counter has 24 bits
	copy(b[9:], idProcess)
	return Place(hex.EncodeToString(b[:]))
}

// placeDigits is the length of the places that NewPlace returns. The first timeDigits are the time in milliseconds.
const (
	placeDigits = 24
	timeDigits  = 12
)

// ParsePlace parses a place from a file. It returns an error unless s has 24 lower-case hex digits or more.
func ParsePlace(s string) (Place, error) {
	if len(s) < placeDigits || strings.Trim(s, "0123456789abcdef") != "" {
		return "", errors.New("a place has 24 hex digits or more")
	}
	return Place(s), nil
}

// Between returns a place between two others. One of them may be empty: it stands for the start or the end of the shelf. It is
// unlikely that concurrent calls return the same place.
func Between(before, next Place) Place {
	switch {
	case before == "":
		return NewPlace(next.time().Add(-time.Millisecond))
	case next == "":
		return NewPlace(before.time().Add(time.Millisecond))
	case before >= next:
		return before + "8"
	}
	for digits := max(len(before), len(next)); ; digits += 8 {
		low, high := before.fraction(digits), next.fraction(digits)
		half := new(big.Int).Rsh(high.Sub(high, low), 1)
		if half.BitLen() < 16 {
			continue // too few places have so few digits
		}
		random, err := rand.Int(rand.Reader, half)
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		quarter := new(big.Int).Rsh(half, 1)
		return Place(fmt.Sprintf("%0*x", digits, low.Add(low, quarter.Add(quarter, random))))
	}
}

// time returns when a book was added to get this place.
func (p Place) time() time.Time {
	ms, _ := strconv.ParseInt(string(p[:timeDigits]), 16, 64) // a place begins with hex digits
	return time.UnixMilli(ms)
}

// fraction returns a place as a number with that many digits. It adds zeros at the end of a shorter place, so that numbers sort
// like places.
func (p Place) fraction(digits int) *big.Int {
	n, _ := new(big.Int).SetString(string(p)+strings.Repeat("0", digits-len(p)), 16)
	return n
}

// ShelvedBook is a book on a shelf.
type ShelvedBook struct {
	Book
	Place Place
}

// ShelfEntry is the entry of a book on a shelf.
type ShelfEntry struct {
	Shelf  string
	BookID ID
	Place  Place
}

// ShelfKey identifies a shelf.
type ShelfKey struct {
	UserID ID
	Name   string // in the form that ShelfName returns
}

// ShelfFilter selects a page of a shelf.
type ShelfFilter struct {
	ShelfKey
	After Place // only books after this place; empty for the first page
	Limit int   // the size of the page, at least 1
}

// ShelfLimits are limits for each user.
type ShelfLimits struct {
	Shelves int // the number of shelves that have books
	Books   int // entries on all shelves together; a book on two shelves counts twice
}

// Check returns Conflict if a user with these shelves may not add a book to the shelf with that name.
func (l ShelfLimits) Check(shelves []Shelf, name string) error {
	books, isNew := 0, true
	for _, shelf := range shelves {
		books += int(shelf.Books)
		isNew = isNew && shelf.Name != name
	}
	if books >= l.Books || isNew && len(shelves) >= l.Shelves {
		return &Error{
			Code: Conflict, Name: "shelf_limit",
			Detail: fmt.Sprintf("the limit is %d shelves with %d books in all", l.Shelves, l.Books),
		}
	}
	return nil
}

// Full returns the positions of the entries that a user with these shelves may not add. It assumes that the entries are
// added in order.
func (l ShelfLimits) Full(shelves []Shelf, list []ShelfEntry) (full []int) {
	shelves = slices.Clone(shelves)
	for i, entry := range list {
		at := slices.IndexFunc(shelves, func(s Shelf) bool { return s.Name == entry.Shelf })
		switch {
		case l.Check(shelves, entry.Shelf) != nil:
			full = append(full, i)
		case at < 0:
			shelves = append(shelves, Shelf{Name: entry.Shelf, Books: 1})
		default:
			shelves[at].Books++
		}
	}
	return full
}

// DefaultShelfLimits limit the cost of listing the shelves: both engines read 10,000 entries in milliseconds. Wish
// lists, carts and reading lists are far shorter.
var DefaultShelfLimits = ShelfLimits{Shelves: 100, Books: 10_000}

// Shelves stores the books on shelves. After a book is deleted, no method returns it, even if the deletion was
// interrupted.
type Shelves interface {
	// List returns the shelves of a user that have books, sorted by name.
	List(ctx context.Context, userID ID) ([]Shelf, error)

	// Books returns a page of a shelf, in the order of the places.
	Books(ctx context.Context, f ShelfFilter) ([]ShelvedBook, error)

	// Get returns a book on the shelf. It returns NotFound if the book is not on it.
	Get(ctx context.Context, shelf ShelfKey, bookID ID) (Book, error)

	// Put adds a book to a shelf and returns the book. A book that is on the shelf already keeps its place. It returns
	// NotFound if the book does not exist, ErrNoAccount if the shelf's owner has no account, and Conflict if a limit is
	// reached. Concurrent calls may exceed a limit by a few books.
	Put(ctx context.Context, shelf ShelfKey, bookID ID, place Place, limits ShelfLimits) (Book, error)

	// Move moves a book on a shelf directly after another, or to the start if after is empty. It returns NotFound if one of
	// them is not on the shelf.
	Move(ctx context.Context, shelf ShelfKey, bookID, after ID) error

	// PutAll adds books to shelves of one user. It returns the positions of the entries that a limit does not allow. It
	// skips books that do not exist. Its errors are those of Put.
	PutAll(ctx context.Context, userID ID, list []ShelfEntry, limits ShelfLimits) (full []int, err error)

	// Remove removes a book from a shelf. It is not an error if the book is not on it.
	Remove(ctx context.Context, shelf ShelfKey, bookID ID) error

	// DeleteAll deletes all shelves of a user.
	DeleteAll(ctx context.Context, userID ID) error
}

// maxShelfName is the maximum length of a shelf's name, in characters. The name is part of a URL and of every entry.
const maxShelfName = 50

// ShelfName returns the stored form of a name, in lower case. The text of its error is for the client.
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
