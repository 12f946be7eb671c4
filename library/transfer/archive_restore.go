package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"bookplate/library"
	"bookplate/models"
)

// Restorer puts archives into accounts.
type Restorer struct {
	Store      models.Store
	Books      *library.Books
	Categories models.Categories
}

// RestoredRecord says what was done with a record of an archive.
type RestoredRecord struct {
	File    string // of the archive
	Line    int    // of the file, from 1
	Outcome RestoreOutcome
	Reason  string    // why, or what was left out; may be empty
	BookID  models.ID // the book that was created, or that the record is about
}

// RestoreOutcome is what was done with a record.
type RestoreOutcome string

// The outcomes.
const (
	RestoreCreated RestoreOutcome = "created"
	RestoreSkipped RestoreOutcome = "skipped" // what it is about is in the account, or is not
	RestoreFailed  RestoreOutcome = "failed"  // it breaks a rule
)

// Restore stores the records of an archive in a user's account, and passes each of them to report, in the order of the
// files and lines. Books and loans get new ids, and everything else of them stays, except that covers are made from their
// pictures anew. What the account has is not changed: a book whose title is taken is skipped, with what belongs to it.
//
// After an error, Restore can be called again with the same id and the number of records that were reported. It goes on
// there, and creates nothing twice.
func (l *Restorer) Restore(
	ctx context.Context, a *Archive, id models.ID, user models.User, reported int, report func(RestoredRecord) error,
) error {
	r := &restoring{
		Restorer: l, ctx: ctx, archive: a, user: user, skip: reported, report: report,
		bookIDs: newIDsOf(id, booksFile), loanIDs: newIDsOf(id, loansFile),
	}
	for _, step := range []func() error{r.books, r.readings, r.places, r.loans, r.goals} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// newIDs makes the ids of what is created from a file of an archive. They are computed from the id of the import and from
// the line, so that a record has the same new id in each attempt. They sort like the lines.
type newIDs [9]byte

func newIDsOf(importID models.ID, file string) (ids newIDs) {
	packed, sum := packID(importID), sha256.Sum256([]byte(string(importID)+file))
	copy(ids[:4], packed[:4]) // the time
	copy(ids[4:], sum[:])
	return ids
}

func (ids newIDs) of(line int) models.ID {
	id := binary.BigEndian.AppendUint32(ids[:8:8], uint32(line)) //nolint:gosec // at most maxRecords, which has 24 bits
	id[8] = ids[8]
	return models.ID(hex.EncodeToString(id))
}

// restoring is one call of Restore.
type restoring struct {
	*Restorer
	ctx     context.Context
	archive *Archive
	user    models.User
	bookIDs newIDs
	loanIDs newIDs
	skip    int // records that are reported already
	report  func(RestoredRecord) error
}

// together is the number of records that are stored at the same time. SQLite stores them in one transaction.
const together = 128

// outcome is what storing a record returns. Another error than that of the record ends the import.
type outcome struct {
	book   models.ID
	result RestoreOutcome
	reason string
}

// restoreFile stores the records of a file. prepare is called for one record after another. The functions that it returns
// run at the same time as others.
func restoreFile[T any](
	r *restoring, name string, prepare func(line int, record T) (store func(context.Context) (outcome, error), err error),
) error {
	var stores []func(context.Context) (outcome, error)
	first := 1 // the line of stores[0]
	flush := func() error {
		err := r.storeAll(name, first, stores)
		first, stores = first+len(stores), stores[:0]
		return err
	}
	err := eachRecord(r.ctx, r.archive, name, func(line int, record T) error {
		if r.skip > 0 {
			r.skip--
			first = line + 1
			return nil
		}
		store, err := prepare(line, record)
		if err != nil {
			return err
		}
		if stores = append(stores, store); len(stores) < together {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// storeAll runs the functions for the records from a line on, and reports their outcomes. What is being stored when the
// context ends is stored whole.
func (r *restoring) storeAll(name string, first int, stores []func(context.Context) (outcome, error)) error {
	outcomes := make([]outcome, len(stores))
	var all errgroup.Group
	for i, store := range stores {
		all.Go(func() (err error) {
			outcomes[i], err = store(context.WithoutCancel(r.ctx))
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	for i, o := range outcomes {
		if err := r.report(RestoredRecord{name, first + i, o.result, o.reason, o.book}); err != nil {
			return err
		}
	}
	return nil
}

// ofError returns the outcome of a record that could not be stored. If the error is not about the record, it is returned.
func ofError(book models.ID, err error, missing string) (outcome, error) {
	switch models.CodeOf(err) {
	case models.NotFound:
		return outcome{book, RestoreSkipped, missing}, nil
	case models.Conflict, models.Invalid:
		return outcome{book, RestoreFailed, reasonOf(err)}, nil
	}
	return outcome{}, err
}

// reasonOf returns what an error says to a client.
func reasonOf(err error) string {
	e, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err.Error()
	}
	if fields, ok := e.Detail.(models.Fields); ok {
		var reasons []string
		for name, reason := range fields {
			reasons = append(reasons, name+" "+reason)
		}
		slices.Sort(reasons)
		return strings.Join(reasons, "; ")
	}
	return fmt.Sprint(e.Detail)
}

// books stores the books with their covers.
func (r *restoring) books() error {
	return r.archive.read(r.ctx, coversFile, func(content io.Reader) error {
		covers := newCoverReader(content)
		return restoreFile(r, booksFile, func(line int, record archivedBook) (func(context.Context) (outcome, error), error) {
			picture, err := covers.of(record.ID)
			if err != nil {
				return nil, err
			}
			b, left, err := r.newBook(line, record)
			if err != nil {
				return func(context.Context) (outcome, error) { return outcome{"", RestoreFailed, err.Error()}, nil }, nil
			}
			reason, err := r.addCover(&b, picture)
			if err != nil {
				return nil, err
			}
			if reason != "" {
				left = append(left, reason)
			}
			return func(ctx context.Context) (outcome, error) { return r.createBook(ctx, b, strings.Join(left, "; ")) }, nil
		})
	})
}

// newBook returns the book of a record. What breaks a rule is left out, and named in left. The error says what is wrong
// with the title.
func (r *restoring) newBook(line int, record archivedBook) (b models.Book, left []string, err error) {
	up := record.BookUpdate
	up.Cover = nil // a record cannot name a picture of this server
	wrong := models.Fields{}
	up.Check(r.Categories, func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	for name, value := range up.Changes() {
		if strings.ContainsRune(fmt.Sprint(value), 0) {
			wrong[name] = "must have no NUL character"
		}
	}
	if up.Title == nil {
		wrong["title"] = models.ErrRequired.Error()
	}
	if reason := wrong["title"]; reason != "" {
		return models.Book{}, nil, errors.New("title " + reason)
	}
	for name, reason := range wrong {
		up.Omit(name)
		left = append(left, name+" is left out: it "+reason)
	}
	slices.Sort(left)
	if record.ImageURL != "" {
		left = append(left, "image_url is left out: it leads to another server")
	}
	up.UpdatedAt = record.UpdatedAt.time()
	return up.Apply(models.Book{ID: r.bookIDs.of(line), UserID: r.user.ID, CreatedAt: record.CreatedAt.time()}), left, nil
}

// addCover makes the cover of a book from a picture. If that is not possible, reason says why.
func (r *restoring) addCover(b *models.Book, picture []byte) (reason string, err error) {
	if picture == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.Books.CoverBudget)
	defer cancel()
	b.Cover, err = r.Books.Covers.Add(ctx, r.user.ID, bytes.NewReader(picture))
	if models.CodeOf(err) == models.Invalid {
		return "the cover is left out: " + reasonOf(err), nil
	}
	return "", err
}

// createBook stores a book, unless an earlier attempt has stored it.
func (r *restoring) createBook(ctx context.Context, b models.Book, left string) (outcome, error) {
	books := r.Store.Books()
	err := books.Create(ctx, b)
	if models.CodeOf(err) != models.Conflict {
		return outcome{b.ID, RestoreCreated, left}, err
	}
	if err := r.Books.Covers.Remove(ctx, b.Cover); err != nil {
		r.Books.Log.Warn("cannot delete a cover without a book", "cover", b.Cover.Name, "error", err)
	}
	_, err = books.Get(ctx, b.ID)
	if models.CodeOf(err) == models.NotFound {
		return outcome{"", RestoreSkipped, "the account has a book with this title"}, nil
	}
	return outcome{b.ID, RestoreCreated, left}, err
}

// Why a record is skipped.
const (
	missingBook   = "its book was not imported"
	foreignBook   = "its book belongs to another account and is not in this library"
	goalExists    = "the account has a goal for this year"
	readingExists = "the account has a reading of this book"
)

// bookOf returns the new id of a book of the archive. The id of a book of another account stays.
func (r *restoring) bookOf(id models.ID) (book models.ID, own bool) {
	if line := r.archive.books.line(id); line != 0 {
		return r.bookIDs.of(line), true
	}
	return id, false
}

// otherBook is for a record about a book of another account. The outcome says why there can be no such record; it is empty
// if the user may see the book.
func (r *restoring) otherBook(ctx context.Context, id models.ID) (outcome, error) {
	_, err := r.Books.Get(ctx, r.user, id)
	if models.CodeOf(err) == models.NotFound {
		return outcome{"", RestoreSkipped, foreignBook}, nil
	}
	return outcome{}, err
}

func (r *restoring) readings() error {
	if r.archive.records[readingsFile] > 0 && !r.user.HasReadings {
		if _, err := r.Store.Users().Update(r.ctx, r.user.ID, models.UserUpdate{HasReadings: new(true)}); err != nil {
			return err
		}
	}
	return restoreFile(r, readingsFile, func(_ int, record readingRecord) (func(context.Context) (outcome, error), error) {
		return func(ctx context.Context) (outcome, error) { return r.putReading(ctx, record) }, nil
	})
}

func (r *restoring) putReading(ctx context.Context, record readingRecord) (outcome, error) {
	book, own := r.bookOf(record.BookID)
	key := models.ReadingKey{UserID: r.user.ID, BookID: book}
	store := r.Store.Readings()
	if !own {
		if o, err := r.otherBook(ctx, book); err != nil || o.result != "" {
			return o, err
		}
		if _, err := store.Get(ctx, key); models.CodeOf(err) != models.NotFound {
			return outcome{book, RestoreSkipped, readingExists}, err
		}
	}
	err := record.check()
	if err == nil {
		up := record.update()
		up.UpdatedAt = record.CreatedAt.time() // becomes CreatedAt of a new reading
		_, err = store.Put(ctx, key, up)
	}
	if err == nil {
		_, err = store.Put(ctx, key, models.ReadingUpdate{UpdatedAt: record.UpdatedAt.time()})
	}
	if err != nil {
		return ofError(book, err, missingBook)
	}
	return outcome{book, RestoreCreated, ""}, nil
}

func (r *restoring) places() error {
	return restoreFile(r, shelvesFile, func(_ int, record placeRecord) (func(context.Context) (outcome, error), error) {
		return func(ctx context.Context) (outcome, error) { return r.putPlace(ctx, record) }, nil
	})
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

// loans stores the loans, whose file begins with the latest one.
func (r *restoring) loans() error {
	return restoreFile(r, loansFile, func(line int, record loanRecord) (func(context.Context) (outcome, error), error) {
		id := r.loanIDs.of(r.archive.records[loansFile] - line + 1)
		return func(ctx context.Context) (outcome, error) { return r.createLoan(ctx, id, record) }, nil
	})
}

// createLoan stores a loan and then what happened to it. There may be more open loans than copies, because the book may
// have had more copies before.
func (r *restoring) createLoan(ctx context.Context, id models.ID, record loanRecord) (outcome, error) {
	book, _ := r.bookOf(record.BookID)
	if err := record.check(); err != nil {
		return ofError(book, err, "")
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
	return restoreFile(r, goalsFile, func(_ int, record goalRecord) (func(context.Context) (outcome, error), error) {
		return func(ctx context.Context) (outcome, error) {
			if goals[record.Year] != 0 {
				return outcome{"", RestoreSkipped, goalExists}, nil
			}
			return outcome{"", RestoreCreated, ""}, r.Store.Readings().PutGoal(ctx, r.user.ID, record.Year, record.Books)
		}, nil
	})
}
