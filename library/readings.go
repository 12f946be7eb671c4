package library

import (
	"context"
	"time"

	"bookplate/models"
)

// Readings implements the rules of reading records. Such a record has an account's status, progress and rating of a
// book, and only that account sees it. A book that is passed to a method must come from Books.Get.
//
// User.HasReadings is false until an account stores its first record. Until then no method looks for records in the
// store.
type Readings struct {
	Store models.Readings
	Users models.Users
	Books *Books // decides which books are visible
	Now   func() time.Time
}

// Get returns a user's reading record of a book. The error is NotFound if there is none.
func (l *Readings) Get(ctx context.Context, user models.User, b models.Book) (models.Reading, error) {
	if !user.HasReadings {
		return models.Reading{}, &models.Error{Code: models.NotFound}
	}
	return l.Store.Get(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID})
}

// Put changes or creates a user's reading record of a book, and returns it. The error is models.ErrNoStatus if a new
// record would have no status, and NotFound if the book was deleted meanwhile.
func (l *Readings) Put(
	ctx context.Context, user models.User, b models.Book, up models.ReadingUpdate,
) (models.Reading, error) {
	if err := l.begin(ctx, user); err != nil {
		return models.Reading{}, err
	}
	up.UpdatedAt = l.Now()
	return l.Store.Put(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID}, up)
}

// begin sets HasReadings before the user's first reading record is stored.
func (l *Readings) begin(ctx context.Context, user models.User) error {
	if user.HasReadings {
		return nil
	}
	_, err := l.Users.Update(ctx, user.ID, models.UserUpdate{HasReadings: new(true)})
	if models.CodeOf(err) == models.NotFound {
		return models.ErrNoAccount
	}
	return err
}

// CreateAll stores new reading records of a user's own books. It does not change existing records.
func (l *Readings) CreateAll(ctx context.Context, user models.User, list []models.Reading) error {
	if len(list) == 0 {
		return nil
	}
	if err := l.begin(ctx, user); err != nil {
		return err
	}
	now := l.Now()
	for i := range list {
		list[i].UserID, list[i].CreatedAt, list[i].UpdatedAt = user.ID, now, now
	}
	return l.Store.CreateAll(context.WithoutCancel(ctx), user.ID, list)
}

// Delete deletes a user's reading record of a book. It is not an error if there is none.
func (l *Readings) Delete(ctx context.Context, user models.User, b models.Book) error {
	return l.Store.Delete(ctx, models.ReadingKey{UserID: user.ID, BookID: b.ID})
}

// List returns a page of books with the user's reading records of them. It omits books that the user may no longer see.
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

// Stats returns statistics of a user's reading records, without the records of books that the user may no longer see.
func (l *Readings) Stats(ctx context.Context, user models.User, year int) (models.ReadingStats, error) {
	f := models.StatsFilter{UserID: user.ID, Year: year}
	if !l.Books.visible(user, "") {
		f.Owner = user.ID
	}
	return l.Store.Stats(ctx, f)
}

// PutGoal sets a user's goal for a year; zero removes it.
func (l *Readings) PutGoal(ctx context.Context, user models.User, year int, goal models.Goal) error {
	return l.Store.PutGoal(ctx, user.ID, year, goal)
}

// Goals returns a user's goals by year.
func (l *Readings) Goals(ctx context.Context, user models.User) (map[int]models.Goal, error) {
	return l.Store.Goals(ctx, user.ID)
}

// Attach sets the field Reading of each book that the user has a reading record of.
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
