package library

import (
	"context"
	"time"

	"bookplate/models"
)

// Readings has the rules of readings. A reading belongs to one account and is visible to it only. The methods that take
// a book expect one that Books.Get has returned.
//
// The first reading of an account sets its HasReadings. Until then the store is not asked for readings, so accounts
// without readings need no query for them.
type Readings struct {
	Store models.Readings
	Users models.Users
	Books *Books // decides which books are visible
	Now   func() time.Time
}

// Get returns a user's reading of a book. The error is NotFound if there is none.
func (l *Readings) Get(ctx context.Context, user models.User, b models.Book) (models.Reading, error) {
	if !user.HasReadings {
		return models.Reading{}, &models.Error{Code: models.NotFound}
	}
	return l.Store.Get(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID})
}

// Put changes a user's reading of a book and returns it. It creates a missing reading. If the change has no status for
// a new reading, the error is models.ErrNoStatus. It is NotFound if the book was deleted meanwhile.
func (l *Readings) Put(
	ctx context.Context, user models.User, b models.Book, up models.ReadingUpdate,
) (models.Reading, error) {
	if !user.HasReadings {
		_, err := l.Users.Update(ctx, user.ID, models.UserUpdate{HasReadings: new(true)})
		if models.CodeOf(err) == models.NotFound {
			return models.Reading{}, models.ErrNoAccount
		}
		if err != nil {
			return models.Reading{}, err
		}
	}
	up.UpdatedAt = l.Now()
	return l.Store.Put(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID}, up)
}

// Delete deletes a user's reading of a book. It is not an error if there is none.
func (l *Readings) Delete(ctx context.Context, user models.User, b models.Book) error {
	return l.Store.Delete(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID})
}

// List returns a page of books with the user's readings of them. It leaves out books that the user may no longer see.
func (l *Readings) List(ctx context.Context, user models.User, f models.ReadingFilter) ([]models.Book, error) {
	fetch := func(last *models.Book, limit int) ([]models.Book, error) {
		if last != nil {
			f.After = new(f.Sort.Cursor(*last.Reading))
		}
		f.UserID, f.Limit = user.ID, limit
		return l.Store.List(ctx, f)
	}
	return fillPage(f.Limit, fetch, func(b models.Book) bool { return l.Books.visible(user, b.UserID) })
}

// Stats counts a user's readings.
func (l *Readings) Stats(ctx context.Context, user models.User, year int) (models.ReadingStats, error) {
	return l.Store.Stats(ctx, user.ID, year)
}

// PutGoal sets a user's goal for a year; zero removes it.
func (l *Readings) PutGoal(ctx context.Context, user models.User, year int, goal models.Goal) error {
	return l.Store.PutGoal(ctx, user.ID, year, goal)
}

// Attach sets each book's reading to the user's.
func (l *Readings) Attach(ctx context.Context, user models.User, books []*models.Book) error {
	if !user.HasReadings || len(books) == 0 {
		return nil
	}
	ids := make([]models.ID, len(books))
	for i, b := range books {
		ids[i] = b.ID
	}
	readings, err := l.Store.Of(ctx, user.ID, ids)
	if err != nil || len(readings) == 0 {
		return err
	}
	of := make(map[models.ID]*models.Reading, len(readings))
	for i := range readings {
		of[readings[i].BookID] = &readings[i]
	}
	for _, b := range books {
		b.Reading = of[b.ID]
	}
	return nil
}
