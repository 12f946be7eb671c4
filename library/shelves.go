package library

import (
	"context"
	"errors"
	"slices"
	"time"

	"bookplate/models"
)

// Shelves implements the rules of shelves. A shelf belongs to one account, and no other account sees it.
type Shelves struct {
	Store models.Shelves
	Books *Books // decides which books are visible
	Now   func() time.Time
}

// List returns the built-in shelves of an account, and then its other shelves. A built-in shelf may be empty.
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

// Page returns a page of a user's shelf. It omits books that the user may no longer see.
func (l *Shelves) Page(ctx context.Context, user models.User, f models.ShelfFilter) ([]models.ShelvedBook, error) {
	fetch := func(last *models.ShelvedBook, limit int) ([]models.ShelvedBook, error) {
		if last != nil {
			f.After = last.Place
		}
		f.Limit = limit
		return l.Store.Books(ctx, f)
	}
	return fillPage(f.Limit, fetch, func(b models.ShelvedBook) bool { return l.Books.visible(user, b.UserID) })
}

// fillPage fetches rows until it has enough visible ones for a page, or there are no more. fetch returns up to limit
// rows after last, or the first rows if last is nil.
func fillPage[T any](
	wanted int, fetch func(last *T, limit int) ([]T, error), visible func(T) bool,
) (page []T, err error) {
	var last *T
	for len(page) < wanted {
		limit := wanted - len(page)
		rows, err := fetch(last, limit)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if visible(row) {
				page = append(page, row)
			}
		}
		if len(rows) < limit {
			break
		}
		last = &rows[len(rows)-1]
	}
	return page, nil
}

// Get returns a book on a user's shelf. The error is NotFound if the book is not on the shelf, or if the user may not
// see it.
func (l *Shelves) Get(ctx context.Context, user models.User, shelf string, bookID models.ID) (models.Book, error) {
	b, err := l.Store.Get(ctx, models.ShelfKey{UserID: user.ID, Name: shelf}, bookID)
	if err == nil && !l.Books.visible(user, b.UserID) {
		return models.Book{}, &models.Error{Code: models.NotFound}
	}
	return b, err
}

// Put puts a book on a user's shelf and returns the book. A book that is already there keeps its place. The error is
// NotFound if the book does not exist or the user may not see it. It is Conflict if the user has too many shelves, or
// too many books on shelves.
func (l *Shelves) Put(ctx context.Context, user models.User, shelf string, bookID models.ID) (models.Book, error) {
	if l.Books.OwnersOnly {
		if _, err := l.Books.Get(ctx, user, bookID); err != nil {
			return models.Book{}, err
		}
	}
	key := models.ShelfKey{UserID: user.ID, Name: shelf}
	return l.Store.Put(ctx, key, bookID, models.NewPlace(l.Now()), models.DefaultShelfLimits)
}

// Move moves a book on a user's shelf directly after another, or to the start if after is empty. It returns the moved book. The
// error is NotFound if the book is not on the shelf or the user may not see it, and Invalid if that is true of the other book.
func (l *Shelves) Move(ctx context.Context, user models.User, shelf string, bookID, after models.ID) (models.Book, error) {
	b, err := l.Get(ctx, user, shelf, bookID)
	if err != nil || after == bookID {
		return b, err
	}
	if after != "" {
		if _, err := l.Get(ctx, user, shelf, after); models.CodeOf(err) == models.NotFound {
			return models.Book{}, models.InvalidField("after", errors.New("is not on this shelf"))
		} else if err != nil {
			return models.Book{}, err
		}
	}
	return b, l.Store.Move(ctx, models.ShelfKey{UserID: user.ID, Name: shelf}, bookID, after)
}

// PutAll puts a user's own books on shelves, and sets their places. It returns the positions of the entries that exceed
// a limit.
func (l *Shelves) PutAll(ctx context.Context, owner models.ID, list []models.ShelfEntry) (full []int, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	now := l.Now()
	for i := range list {
		list[i].Place = models.NewPlace(now)
	}
	return l.Store.PutAll(ctx, owner, list, models.DefaultShelfLimits)
}

// Remove removes a book from a user's shelf. It is not an error if the book is not there.
func (l *Shelves) Remove(ctx context.Context, user models.User, shelf string, bookID models.ID) error {
	return l.Store.Remove(ctx, models.ShelfKey{UserID: user.ID, Name: shelf}, bookID)
}
