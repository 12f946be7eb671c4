package models

import (
	"context"
	"time"
)

// TrashFilter selects books in the trash.
type TrashFilter struct {
	UserID ID        // only books of this owner; empty for all
	After  *Cursor   // for List: only books after this one; nil for the first page
	Until  time.Time // for DeleteAll: only books that were moved to the trash by then; zero for all
	Limit  int       // at least 1
}

// TrashCursor returns the cursor of a book in the trash.
func TrashCursor(b Book) Cursor { return Cursor{ID: b.ID, Number: b.TrashedAt.UnixMilli()} }

// Trash stores the books that were moved to the trash. Only the methods of Trash find such a book. No other method returns
// it, counts it, or returns a loan of it, and its title is free; but its cover is one of Books.Covers. What users have
// stored about it is kept, and is back when the book is restored: its readings, its loans and its places on shelves.
type Trash interface {
	// Put moves a book of that owner to the trash. It returns NotFound if the owner has no such book, and ErrVersion if it
	// does not have one of these versions.
	Put(ctx context.Context, id, owner ID, at time.Time, ifVersion Versions) error
	// Get returns a book in the trash of any owner. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (Book, error)
	// List returns a page of an owner's trash, the books that were moved to it last first.
	List(ctx context.Context, f TrashFilter) ([]Book, error)
	// Restore moves a book of that owner out of the trash, unchanged, and returns it. It returns NotFound if it is not in
	// the trash, Conflict if the owner has another book with that title by now, and ErrNoAccount as Books.Create does.
	Restore(ctx context.Context, id, owner ID) (Book, error)
	// Delete deletes a book in the trash of that owner, as Books.Delete does, and returns it. It returns NotFound if it is
	// not in the trash.
	Delete(ctx context.Context, id, owner ID) (Book, error)
	// DeleteAll deletes up to Limit books that the filter selects, each as Delete does, and returns them. If it returns
	// fewer than Limit books, none is left.
	DeleteAll(ctx context.Context, f TrashFilter) ([]Book, error)
}
