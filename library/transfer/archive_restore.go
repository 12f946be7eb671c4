package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"bookplate/library"
	"bookplate/models"
)

// Restorer imports archives into accounts.
type Restorer struct {
	Store      models.Store
	Books      *library.Books
	Categories models.Categories
}

// RestoredRecord reports what the import has done with a record of an archive.
type RestoredRecord struct {
	File    string // of the archive
	Line    int    // of the file, from 1
	Outcome RestoreOutcome
	Reason  string    // why, or what was left out; may be empty
	BookID  models.ID // the book that was created, or that the record is about
}

// RestoreOutcome is what the import has done with a record.
type RestoreOutcome string

// The outcomes of an import for a record.
const (
	RestoreCreated RestoreOutcome = "created"
	RestoreSkipped RestoreOutcome = "skipped" // the account has it already, or its book was not imported
	RestoreFailed  RestoreOutcome = "failed"  // it breaks a rule
)

// Restore imports an archive into a user's account. It calls report with each record, in the order of the files and lines.
// Books and loans get new ids, and covers are made anew from their pictures. Everything else stays as it was. Restore changes
// nothing that the account already has: it skips the profile, and a book whose title is taken with all records about that
// book.
//
// After an error, the caller can call Restore again with the same id and with the number of records reported so far. Restore
// then goes on after those records, and creates nothing twice.
func (l *Restorer) Restore(
	ctx context.Context, a *Archive, id models.ID, user models.User, reported int, report func(RestoredRecord) error,
) error {
	r := &restoring{
		Restorer: l, ctx: ctx, archive: a, user: user, skip: reported, report: report,
		bookIDs: newIDsOf(id, booksFile), trashIDs: newIDsOf(id, trashFile), loanIDs: newIDsOf(id, loansFile),
	}
	for _, step := range []func() error{r.markReadings, r.trash, r.books, r.readings, r.places, r.loans, r.goals} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// newIDs makes the new ids for the records of a file. It computes them from the id of the import and the line, so that a
// record gets the same id in each attempt. The ids are in the order of the lines.
type newIDs [9]byte

func newIDsOf(importID models.ID, file string) (ids newIDs) {
	packed, sum := packID(importID), sha256.Sum256([]byte(string(importID)+file))
	copy(ids[:4], packed[:4]) // the time
	copy(ids[4:], sum[:])
	return ids
}

func (ids newIDs) of(line int) models.ID {
	id := binary.BigEndian.AppendUint32(ids[:8:8], uint32(line)) //nolint:gosec // at most maxRecords, which has 24 bits
	id[8] = ids[8]                                               // instead of the first byte of the line, which is zero
	return models.ID(hex.EncodeToString(id))
}

// restoring is the state of one call of Restore.
type restoring struct {
	*Restorer
	ctx                        context.Context
	archive                    *Archive
	user                       models.User
	bookIDs, trashIDs, loanIDs newIDs
	skip                       int // records that are reported already
	report                     func(RestoredRecord) error
}

// together is the number of records that are stored at the same time, which SQLite then stores in one transaction.
const together = 128

// outcome is what the import has done with a record, and why.
type outcome struct {
	book   models.ID
	result RestoreOutcome
	reason string
}

// storeFunc stores a record and returns the outcome. An error ends the whole import.
type storeFunc func(context.Context) (outcome, error)

// fileRestorer imports the records of one file.
type fileRestorer[T any] struct {
	name     string
	together int                                                   // the number of records that are stored at the same time
	prepare  func(line int, record T) (store storeFunc, err error) // called for one record after another
	pass     func(record T) error                                  // called for the records that are reported already; may be nil
}

func (f fileRestorer[T]) restore(r *restoring) error {
	var stores []storeFunc
	first := 1 // the line of stores[0]
	flush := func() error {
		err := r.storeAll(f.name, first, stores)
		first, stores = first+len(stores), stores[:0]
		return err
	}
	err := eachRecord(r.ctx, r.archive, f.name, func(line int, record T) error {
		if r.skip > 0 {
			r.skip--
			first = line + 1
			return f.passed(record)
		}
		store, err := f.prepare(line, record)
		if err != nil {
			return err
		}
		if stores = append(stores, store); len(stores) < f.together {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

func (f fileRestorer[T]) passed(record T) error {
	if f.pass == nil {
		return nil
	}
	return f.pass(record)
}

// storeAll calls the functions concurrently and reports their outcomes in order. The first of them stores the record in
// the line first. storeAll does not stop when the context ends, so no record is stored in part.
func (r *restoring) storeAll(name string, first int, stores []storeFunc) error {
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

// ofError returns the outcome for a record that could not be stored because of err. It returns err itself if that has nothing
// to do with the record, such as an outage of the database.
func ofError(book models.ID, err error, missing string) (outcome, error) {
	switch models.CodeOf(err) {
	case models.NotFound:
		return outcome{book, RestoreSkipped, missing}, nil
	case models.Conflict, models.Invalid:
		return outcome{book, RestoreFailed, clientText(err)}, nil
	}
	return outcome{}, err
}

// clientText returns the text of an error that a client may see.
func clientText(err error) string {
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
