package transfer

import (
	"context"

	"bookplate/models"
)

// The reasons for which a record is skipped.
const (
	missingBook   = "its book was not imported"
	foreignBook   = "its book belongs to another account and is not in this library"
	goalExists    = "the account has a goal for this year"
	readingExists = "the account has a reading of this book"
)

// bookOf returns the new id of a book in the archive, and true. For any other book, which belongs to another account, it
// returns the same id and false.
func (r *restoring) bookOf(id models.ID) (book models.ID, own bool) {
	if line := r.archive.books.line(id); line != 0 {
		return r.bookIDs.of(line), true
	}
	return id, false
}

// otherBook checks that the user may see a book of another account, so that a record about the book can be stored. If not, it
// returns the outcome for that record. Otherwise the outcome is empty.
func (r *restoring) otherBook(ctx context.Context, id models.ID) (outcome, error) {
	_, err := r.Books.Get(ctx, r.user, id)
	if models.CodeOf(err) == models.NotFound {
		return outcome{"", RestoreSkipped, foreignBook}, nil
	}
	return outcome{}, err
}

// markReadings sets HasReadings in the account before its first reading record is stored.
func (r *restoring) markReadings() error {
	if r.user.HasReadings || r.archive.records[readingsFile]+r.archive.records[trashFile] == 0 {
		return nil
	}
	_, err := r.Store.Users().Update(r.ctx, r.user.ID, models.UserUpdate{HasReadings: new(true)})
	if models.CodeOf(err) == models.NotFound {
		return models.ErrNoAccount
	}
	return err
}

func (r *restoring) readings() error {
	return fileRestorer[readingRecord]{
		name: readingsFile, together: together,
		prepare: func(_ int, record readingRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return r.putReading(ctx, record) }, nil
		},
	}.restore(r)
}

func (r *restoring) putReading(ctx context.Context, record readingRecord) (outcome, error) {
	book, own := r.bookOf(record.BookID)
	if !own {
		if o, err := r.otherBook(ctx, book); err != nil || o.result != "" {
			return o, err
		}
		key := models.ReadingKey{UserID: r.user.ID, BookID: book}
		if _, err := r.Store.Readings().Get(ctx, key); models.CodeOf(err) != models.NotFound {
			return outcome{book, RestoreSkipped, readingExists}, err
		}
	}
	err := record.check()
	if err == nil {
		err = r.storeReading(ctx, book, record.readingFields)
	}
	if err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, RestoreCreated, ""}, nil
}

// storeReading stores a reading record in two writes: the first sets the time of its creation, and the second the time of its
// last change.
func (r *restoring) storeReading(ctx context.Context, book models.ID, reading readingFields) error {
	key := models.ReadingKey{UserID: r.user.ID, BookID: book}
	up := reading.update()
	up.UpdatedAt = reading.CreatedAt.time()
	if _, err := r.Store.Readings().Put(ctx, key, up); err != nil {
		return err
	}
	_, err := r.Store.Readings().Put(ctx, key, models.ReadingUpdate{UpdatedAt: reading.UpdatedAt.time()})
	return err
}

func (r *restoring) places() error {
	return fileRestorer[placeRecord]{
		name: shelvesFile, together: together,
		prepare: func(_ int, record placeRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return r.putPlace(ctx, record) }, nil
		},
	}.restore(r)
}

func (r *restoring) putPlace(ctx context.Context, record placeRecord) (outcome, error) {
	book, own := r.bookOf(record.BookID)
	if !own {
		if o, err := r.otherBook(ctx, book); err != nil || o.result != "" {
			return o, err
		}
	}
	key := models.ShelfKey{UserID: r.user.ID, Name: record.Shelf}
	if _, err := r.Store.Shelves().Put(ctx, key, book, record.Place, models.DefaultShelfLimits); err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, RestoreCreated, ""}, nil
}

// loans stores the loans. The latest loan is the first in the file.
func (r *restoring) loans() error {
	return fileRestorer[loanRecord]{
		name: loansFile, together: together,
		prepare: func(line int, record loanRecord) (storeFunc, error) {
			id := r.loanIDs.of(r.archive.records[loansFile] - line + 1)
			return func(ctx context.Context) (outcome, error) { return r.createLoan(ctx, id, record) }, nil
		},
	}.restore(r)
}

// createLoan stores a loan, and then its return or reminders. It allows more open loans than the book has copies now, because
// there may have been more copies before.
func (r *restoring) createLoan(ctx context.Context, id models.ID, record loanRecord) (outcome, error) {
	book, own := r.bookOf(record.BookID)
	if !own {
		return outcome{book, RestoreSkipped, missingBook}, nil
	}
	if err := record.check(); err != nil {
		return ofError(book, err, missingBook)
	}
	loans := r.Store.Loans()
	err := loans.Create(ctx, models.Loan{
		ID: id, BookID: book, LenderID: r.user.ID, Borrower: record.Borrower, Due: record.Due, LentAt: record.LentAt.time(),
	}, models.MaxCopies)
	if models.CodeOf(err) == models.Conflict {
		if _, err := loans.Get(ctx, id); models.CodeOf(err) == models.NotFound {
			return outcome{book, RestoreFailed, "too many copies are on loan"}, nil
		}
		err = nil // an earlier attempt has stored it
	}
	if up := record.update(); err == nil && up != (models.LoanUpdate{}) {
		_, err = loans.Update(ctx, id, up)
	}
	if err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, RestoreCreated, ""}, nil
}

func (r *restoring) goals() error {
	goals, err := r.Store.Readings().Goals(r.ctx, r.user.ID)
	if err != nil {
		return err
	}
	return fileRestorer[goalRecord]{
		name: goalsFile, together: together,
		prepare: func(_ int, record goalRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) {
				if goals[record.Year] != 0 {
					return outcome{"", RestoreSkipped, goalExists}, nil
				}
				return outcome{"", RestoreCreated, ""}, r.Store.Readings().PutGoal(ctx, r.user.ID, record.Year, record.Books)
			}, nil
		},
	}.restore(r)
}
