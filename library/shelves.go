package library

import (
	"context"
	"slices"
	"time"

	"bookplate/models"
)

// Shelves has the rules of shelves. A shelf belongs to one account and is visible to it only.
type Shelves struct {
	Store models.Shelves
	Now   func() time.Time
}

// List returns the built-in shelves of an account, and then the others that have books.
func (l *Shelves) List(ctx context.Context, owner models.ID) ([]models.Shelf, error) {
	stored, err := l.Store.List(ctx, owner)
	if err != nil {
		return nil, err
	}
	shelves := []models.Shelf{{Name: models.Wishlist}, {Name: models.Cart}}
	for _, shelf := range stored {
		i := slices.IndexFunc(shelves, func(s models.Shelf) bool { return s.Name == shelf.Name })
		if i < 0 {
			shelves = append(shelves, shelf)
		} else {
			shelves[i] = shelf
		}
	}
	return shelves, nil
}

// Books returns a page of a shelf.
func (l *Shelves) Books(ctx context.Context, f models.ShelfFilter) ([]models.ShelvedBook, error) {
	return l.Store.Books(ctx, f)
}

// Get returns a book on a shelf. The error is NotFound if it is not there.
func (l *Shelves) Get(ctx context.Context, shelf models.ShelfKey, bookID models.ID) (models.Book, error) {
	return l.Store.Get(ctx, shelf, bookID)
}

// Put puts a book on a shelf and returns the book. A book that is already there keeps its place. The error is NotFound if
// there is no such book, and Conflict if the account has too many shelves or books on them.
func (l *Shelves) Put(ctx context.Context, shelf models.ShelfKey, bookID models.ID) (models.Book, error) {
	return l.Store.Put(ctx, shelf, bookID, models.NewPlace(l.Now()), models.DefaultShelfLimits)
}

// Remove removes a book from a shelf. It is not an error if the book is not there.
func (l *Shelves) Remove(ctx context.Context, shelf models.ShelfKey, bookID models.ID) error {
	return l.Store.Remove(ctx, shelf, bookID)
}
