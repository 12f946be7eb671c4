package transfer

import (
	"context"
	"slices"

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
	loanExists     = "the account has this loan"
	placeExists    = "the book is on this shelf"
	inLibrary      = "it is in the library"
	nothingNew     = "it is in the library, and nothing is to change"
	otherEdition   = "not updated: another book has this title, these authors and this ISBN"
	goneMeanwhile  = "the account's book was deleted meanwhile"
)

// subject is the book that a record is about.
type subject struct {
	id    models.ID
	other bool // whether it belongs to another account
	known bool // whether the account may have the record already, because the import has not created the book
}

// subjectOf returns the subject of a record. book is what bookOf returned for the line, and id is the id in the record. If
// the id in the line is not a new one, the archive does not have the book.
func subjectOf(line models.ImportLine, book, id models.ID) subject {
	other := line.BookID == id
	return subject{book, other, other || book != line.BookID}
}

// visible checks that the user may see a book of another account. If not, it returns the outcome for a record about that
// book. Otherwise the outcome is empty.
func (a *archiveImport) visible(ctx context.Context, s subject) (outcome, error) {
	if !s.other {
		return outcome{}, nil
	}
	_, err := a.Books.Get(ctx, a.user, s.id)
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

func (a *archiveImport) putReading(ctx context.Context, s subject, record readingRecord) (outcome, error) {
	o, err := a.visible(ctx, s)
	if err != nil || o.result != "" {
		return o, err
	}
	if err := record.check(); err != nil {
		return ofError(s.id, err, missingBook)
	}
	o, up, err := a.planReading(ctx, s, record.readingFields)
	if err != nil {
		return o, err
	}
	switch o.result {
	case models.RowCreated:
		err = a.storeReading(ctx, s.id, record.readingFields)
	case models.RowUpdated:
		_, err = a.Readings.Put(ctx, a.user, models.Book{ID: s.id}, up)
	}
	if err != nil {
		return ofError(s.id, err, missingBook)
	}
	return o, nil
}

// planReading decides what to do with a reading record. If it changes the account's record, it also returns the update.
func (a *archiveImport) planReading(
	ctx context.Context, s subject, record readingFields,
) (o outcome, up models.ReadingUpdate, err error) {
	o = outcome{s.id, models.RowCreated, ""}
	if !s.known {
		return o, up, nil
	}
	before, err := a.Store.Readings().Get(ctx, models.ReadingKey{UserID: a.user.ID, BookID: s.id})
	switch {
	case models.CodeOf(err) == models.NotFound:
		return o, up, nil
	case err != nil:
		return outcome{}, up, err
	case a.job.OnDuplicate != models.DuplicateUpdate:
		return outcome{s.id, models.RowSkipped, readingExists}, up, nil
	}
	if up, o.reason = record.changes(before); hasReading(up) {
		o.result = models.RowUpdated
	} else {
		o.result, o.reason = models.RowSkipped, nothingNew
	}
	return o, up, nil
}

// changes returns the update of the account's reading record by that of the archive, and what it leaves out. A value that
// the archive lacks does not change the record, and no period of reading is removed.
func (r readingFields) changes(before models.Reading) (up models.ReadingUpdate, left string) {
	up = r.update()
	if r.Rating == 0 {
		up.Rating = nil
	}
	if r.Progress == (models.Progress{}) {
		up.Progress = nil
	}
	if r.Review == "" {
		up.Review = nil
	}
	isNew := func(read models.Read) bool { return !slices.Contains(before.Reads, read) }
	if up.Reads = nil; slices.ContainsFunc(r.Reads, isNew) {
		reads := before.Reads.Plus(r.Reads)
		if err := reads.Check(); err != nil {
			left = "reads is left out: it " + err.Error()
		} else {
			up.Reads = &reads
		}
	}
	return narrowReading(up, before), left
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

func (a *archiveImport) putPlace(ctx context.Context, s subject, record placeRecord) (outcome, error) {
	o, err := a.visible(ctx, s)
	if err != nil || o.result != "" {
		return o, err
	}
	if o, err = a.planPlace(ctx, s, record.Shelf); err != nil || o.result != models.RowCreated {
		return o, err
	}
	if err := a.storePlace(ctx, s.id, record.Shelf, record.Place); err != nil {
		return ofError(s.id, err, missingBook)
	}
	return o, nil
}

// planPlace decides what to do with the place of a book on a shelf. A book that is on the shelf already keeps its place.
func (a *archiveImport) planPlace(ctx context.Context, s subject, shelf string) (outcome, error) {
	created := outcome{s.id, models.RowCreated, ""}
	if !s.known || a.job.OnDuplicate != models.DuplicateUpdate {
		return created, nil
	}
	_, err := a.Store.Shelves().Get(ctx, models.ShelfKey{UserID: a.user.ID, Name: shelf}, s.id)
	switch {
	case models.CodeOf(err) == models.NotFound:
		return created, nil
	case err != nil:
		return outcome{}, err
	}
	return outcome{s.id, models.RowSkipped, placeExists}, nil
}

// storePlace puts a book on a shelf. If another book has the place, because a book was imported twice, it adds digits to
// the place: a page of a shelf would leave out one of two books with the same place.
func (a *archiveImport) storePlace(ctx context.Context, book models.ID, shelf string, place models.Place) error {
	key := models.ShelfKey{UserID: a.user.ID, Name: shelf}
	last := len(place) - 1
	// No place is between this text and the place, because a tilde sorts after the digits.
	before := place[:last] + models.Place(place[last]-1) + "~"
	next, err := a.Store.Shelves().Books(ctx, models.ShelfFilter{ShelfKey: key, After: before, Limit: 1})
	if err != nil {
		return err
	}
	if len(next) > 0 && next[0].Place == place && next[0].ID != book {
		place += models.Place(book)
	}
	_, err = a.Store.Shelves().Put(ctx, key, book, place, models.DefaultShelfLimits)
	return err
}

func (a *archiveImport) createLoan(ctx context.Context, s subject, id models.ID, record loanRecord) (outcome, error) {
	if s.other {
		return outcome{s.id, models.RowSkipped, missingBook}, nil
	}
	o, err := a.planLoan(ctx, s, id, record.loanFields)
	if err != nil || o.result != models.RowCreated {
		return o, err
	}
	if err := a.storeLoan(ctx, id, s.id, record.loanFields); err != nil {
		return ofError(s.id, err, missingBook)
	}
	return o, nil
}

// planLoan decides what to do with a loan. id is the new id of the loan. The account has the loan already if it has one to
// the same borrower from the same time.
func (a *archiveImport) planLoan(ctx context.Context, s subject, id models.ID, record loanFields) (outcome, error) {
	o := outcome{s.id, models.RowCreated, ""}
	if !s.known {
		return o, nil
	}
	f := models.LoanFilter{BookID: s.id, Limit: batchSize}
	loans := rows(func(last *models.LentBook) ([]models.LentBook, error) {
		if last != nil {
			f.Before = last.ID
		}
		return a.Store.Loans().List(ctx, f)
	})
	for l, err := range loans {
		if err != nil {
			return outcome{}, err
		}
		if l.ID != id && l.Borrower == record.Borrower && l.LentAt.Equal(record.LentAt.time()) {
			return outcome{s.id, models.RowSkipped, loanExists}, nil
		}
	}
	return o, nil
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
	o := a.planGoal(record)
	if o.result != models.RowCreated {
		return o, nil
	}
	return o, a.Store.Readings().PutGoal(ctx, a.user.ID, record.Year, record.Books)
}

// planGoal decides what to do with a goal. A goal of the account stays.
func (a *archiveImport) planGoal(record goalRecord) outcome {
	if a.goals[record.Year] != 0 {
		return outcome{"", models.RowSkipped, goalExists}
	}
	return outcome{"", models.RowCreated, ""}
}
