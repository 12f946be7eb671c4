package models

import (
	"context"
	"time"
)

// TrashFilter selects books in the trash.
type TrashFilter struct {
	UserID ID        // only books of this owner; empty for all
	After  *Cursor   // for List: only books after this position; nil for the first page
	Until  time.Time // for DeleteAll: only books moved to the trash at or before this time; zero for all
	Limit  int       // at least 1
}

// TrashCursor returns the position of a book in a list of the trash.
func TrashCursor(b Book) Cursor { return Cursor{ID: b.ID, Number: b.TrashedAt.UnixMilli()} }

// Trash stores the books in the trash. To the other interfaces of the store, such a book does not exist: their methods
// do not return or count the book or its loans, and another book may take its title. Only Books.Covers still reports
// its cover. The store keeps the book's reading records, loans and places on shelves for Restore.
type Trash interface {
	// Put moves a book of the owner to the trash. It returns NotFound if the owner has no such book, and ErrVersion if
	// the book does not have one of the versions in ifVersion.
	Put(ctx context.Context, id, owner ID, at time.Time, ifVersion Versions) error
	// Get returns a book in the trash of any owner. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (Book, error)
	// List returns a page of an owner's trash, latest first.
	List(ctx context.Context, f TrashFilter) ([]Book, error)
	// Loans returns the loans of these books of an owner, latest first. It also returns those of books in the trash.
	Loans(ctx context.Context, owner ID, books []ID) ([]Loan, error)
	// Places returns the entries of these books on the shelves of a user, sorted by shelf and place. It also returns those
	// of books in the trash.
	Places(ctx context.Context, userID ID, books []ID) ([]ShelfEntry, error)
	// Restore moves a book of the owner out of the trash, unchanged, and returns the book. It returns NotFound if the
	// book is not in the trash, Conflict if the owner now has another book with the same title, and ErrNoAccount if the
	// owner has no account.
	Restore(ctx context.Context, id, owner ID) (Book, error)
	// Delete deletes a book in the owner's trash, with its loans, and returns the book. It returns NotFound if the book is
	// not in the trash.
	Delete(ctx context.Context, id, owner ID) (Book, error)
	// DeleteAll deletes up to Limit books that match the filter, with their loans, and returns these books. If it returns
	// fewer than Limit books, none is left.
	DeleteAll(ctx context.Context, f TrashFilter) ([]Book, error)
}
