package transfer

import (
	"context"

	"bookplate/models"
)

// Reasons for skipping a record.
const (
	titleTaken     = "the account has a book with this title"
	trashedAlready = "the book is in the account's trash"
	missingBook    = "its book was not imported"
	foreignBook    = "its book belongs to another account and is not in this library"
	goalExists     = "the account has a goal for this year"
	readingExists  = "the account has a reading of this book"
)

// otherBook checks that the user may see a book of another account. If not, it returns the outcome for a record about
// that book. Otherwise the outcome is empty.
func (a *archiveImport) otherBook(ctx context.Context, id models.ID) (outcome, error) {
	_, err := a.Books.Get(ctx, a.user, id)
	if models.CodeOf(err) == models.NotFound {
		return outcome{"", models.RowSkipped, foreignBook}, nil
	}
	return outcome{}, err
}

// markReadings sets HasReadings in the account before its first reading record is stored.
func (a *archiveImport) markReadings(ctx context.Context) error {
	if a.user.HasReadings {
		return nil
	}
	_, err := a.Store.Users().Update(ctx, a.user.ID, models.UserUpdate{HasReadings: new(true)})
	if models.CodeOf(err) == models.NotFound {
		return models.ErrNoAccount
	}
	a.user.HasReadings = err == nil
	return err
}

// putReading stores the reading record of a book. If the book has the same id as in the archive, it belongs to another
// account.
func (a *archiveImport) putReading(ctx context.Context, book models.ID, record readingRecord) (outcome, error) {
	if book == record.BookID {
		if o, err := a.otherBook(ctx, book); err != nil || o.result != "" {
			return o, err
		}
		key := models.ReadingKey{UserID: a.user.ID, BookID: book}
		if _, err := a.Store.Readings().Get(ctx, key); models.CodeOf(err) != models.NotFound {
			return outcome{book, models.RowSkipped, readingExists}, err
		}
	}
	if err := a.storeReading(ctx, book, record.readingFields); err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, models.RowCreated, ""}, nil
}

// storeReading stores a reading record in two writes. The first sets the time of creation, the second the time of the
// last change.
func (a *archiveImport) storeReading(ctx context.Context, book models.ID, reading readingFields) error {
	if err := reading.check(); err != nil {
		return err
	}
	key := models.ReadingKey{UserID: a.user.ID, BookID: book}
	up := reading.update()
	up.UpdatedAt = reading.CreatedAt.time()
	if _, err := a.Store.Readings().Put(ctx, key, up); err != nil {
		return err
	}
	_, err := a.Store.Readings().Put(ctx, key, models.ReadingUpdate{UpdatedAt: reading.UpdatedAt.time()})
	return err
}

func (a *archiveImport) putPlace(ctx context.Context, book models.ID, record placeRecord) (outcome, error) {
	if book == record.BookID {
		if o, err := a.otherBook(ctx, book); err != nil || o.result != "" {
			return o, err
		}
	}
	if err := a.storePlace(ctx, book, record.Shelf, record.Place); err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, models.RowCreated, ""}, nil
}

func (a *archiveImport) storePlace(ctx context.Context, book models.ID, shelf string, place models.Place) error {
	key := models.ShelfKey{UserID: a.user.ID, Name: shelf}
	_, err := a.Store.Shelves().Put(ctx, key, book, place, models.DefaultShelfLimits)
	return err
}

func (a *archiveImport) createLoan(ctx context.Context, line models.ImportLine, record loanRecord) (outcome, error) {
	book := line.BookID
	if book == record.BookID {
		return outcome{book, models.RowSkipped, missingBook}, nil
	}
	if err := a.storeLoan(ctx, line.LoanID, book, record.loanFields); err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, models.RowCreated, ""}, nil
}

var errManyLent = &models.Error{Code: models.Conflict, Detail: "too many copies are on loan"}

// storeLoan stores a loan, and then its return or reminders. It allows more open loans than the book has copies, because
// the number of copies may have been reduced after a loan. If an earlier attempt has stored the loan, the result is the
// same.
func (a *archiveImport) storeLoan(ctx context.Context, id, book models.ID, record loanFields) error {
	if err := record.check(); err != nil {
		return err
	}
	loans := a.Store.Loans()
	err := loans.Create(ctx, models.Loan{
		ID: id, BookID: book, LenderID: a.user.ID, Borrower: record.Borrower, Due: record.Due, LentAt: record.LentAt.time(),
	}, models.MaxCopies)
	if models.CodeOf(err) == models.Conflict {
		if _, err = loans.Get(ctx, id); models.CodeOf(err) == models.NotFound {
			return errManyLent
		}
	}
	if up := record.update(); err == nil && up != (models.LoanUpdate{}) {
		_, err = loans.Update(ctx, id, up)
	}
	return err
}

func (a *archiveImport) putGoal(ctx context.Context, record goalRecord) (outcome, error) {
	if a.goals[record.Year] != 0 {
		return outcome{"", models.RowSkipped, goalExists}, nil
	}
	return outcome{"", models.RowCreated, ""}, a.Store.Readings().PutGoal(ctx, a.user.ID, record.Year, record.Books)
}
