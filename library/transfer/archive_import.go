package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// outcome is the result of importing a record, with a reason. The reason may also name omitted fields.
type outcome struct {
	book   models.ID
	result models.ImportOutcome
	reason string
}

// storeFunc stores a record and returns the outcome. After an error, the lines must be imported again later.
type storeFunc func(context.Context) (outcome, error)

// archiveImport imports lines of an archive into a user's account. Books and loans get new ids, and covers are made
// again from their pictures; all other values stay the same. A repeated import of a line creates no second record.
//
// If the account has a book of the archive already, OnDuplicate says what happens. If the book is skipped, all records
// about it are skipped. If it is updated, they become records of the account's book.
type archiveImport struct {
	*Imports
	user    models.User
	job     models.Import
	goals   map[int]models.Goal // the account's goals by year
	trashed map[trashKey]bool   // the books in the account's trash
	matches map[models.ID]match // the matches of the books of some lines, by the new id of the book
	reports reports
}

// importArchive imports lines of an archive. It continues when ctx ends, so no record is stored in part.
func (l *Imports) importArchive(
	ctx context.Context, user models.User, i models.Import, lines []models.ImportLine,
) ([]models.ImportRow, error) {
	ctx = context.WithoutCancel(ctx)
	a, err := l.newArchiveImport(ctx, user, i)
	if err != nil {
		return nil, err
	}
	rows := make([]models.ImportRow, 0, len(lines))
	for len(lines) > 0 {
		n := sameFile(lines)
		imported, err := a.importLines(ctx, lines[:n])
		if err != nil {
			return nil, err
		}
		a.reports.add(imported)
		rows, lines = append(rows, imported...), lines[n:]
	}
	return rows, nil
}

// sameFile returns how many of the first lines can be stored concurrently. These are lines of the same file, or a
// single line of the trash, because several books in the trash may have the same title.
func sameFile(lines []models.ImportLine) int {
	file := lines[0].Cells[cellFile]
	if file == trashFile {
		return 1
	}
	n := slices.IndexFunc(lines, func(line models.ImportLine) bool { return line.Cells[cellFile] != file })
	if n < 0 {
		return len(lines)
	}
	return n
}

func (l *Imports) newArchiveImport(ctx context.Context, user models.User, i models.Import) (*archiveImport, error) {
	goals, err := l.Store.Readings().Goals(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	return &archiveImport{Imports: l, user: user, job: i, goals: goals, reports: newReports(l.Store.Imports(), i)}, nil
}

// importLines imports lines of the same file. It prepares one line at a time, because making a cover takes much memory.
// Then it stores the lines of different books concurrently, and those of the same book in order.
func (a *archiveImport) importLines(ctx context.Context, lines []models.ImportLine) ([]models.ImportRow, error) {
	if lines[0].Cells[cellFile] == booksFile {
		if err := a.matchLines(ctx, lines); err != nil {
			return nil, err
		}
	}
	stores, ofBook := make([]storeFunc, len(lines)), map[models.ID][]int{}
	for i, line := range lines {
		book, err := a.bookOf(ctx, line)
		if err != nil {
			return nil, err
		}
		if stores[i], err = a.prepare(ctx, line, book); err != nil {
			return nil, err
		}
		ofBook[book] = append(ofBook[book], i)
	}
	rows := make([]models.ImportRow, len(lines))
	var all errgroup.Group
	for _, same := range ofBook {
		all.Go(func() error {
			for _, i := range same {
				o, err := stores[i](ctx)
				if err != nil {
					return err
				}
				rows[i] = a.row(lines[i], o)
			}
			return nil
		})
	}
	return rows, all.Wait()
}

// row returns the line's row in the report. The reason names the file, unless the record is a book.
func (a *archiveImport) row(line models.ImportLine, o outcome) models.ImportRow {
	row := models.ImportRow{Line: line.Number, Outcome: o.result, Reason: o.reason, BookID: o.book}
	file := line.Cells[cellFile]
	if file == booksFile || file == trashFile {
		row.Title = titleOf(line)
	} else if row.Reason != "" {
		row.Reason = file + ": " + row.Reason
	}
	return row
}

func titleOf(line models.ImportLine) string {
	var record struct{ Title string }
	_ = json.Unmarshal([]byte(line.Cells[cellRecord]), &record) // cannot fail, because openArchive has decoded the record
	return record.Title
}

// prepare decodes the record of a line and makes the cover of a book. book is what bookOf returned for the line.
func (a *archiveImport) prepare(ctx context.Context, line models.ImportLine, book models.ID) (storeFunc, error) {
	switch line.Cells[cellFile] {
	case profileFile:
		return prepared(line, func(record archivedProfile) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return a.putProfile(ctx, record) }, nil
		})
	case trashFile:
		return prepared(line, func(record archivedTrash) (storeFunc, error) { return a.prepareTrash(ctx, line, record) })
	case booksFile:
		return prepared(line, func(record archivedBook) (storeFunc, error) { return a.prepareShown(ctx, line, record) })
	case readingsFile:
		return prepared(line, func(record readingRecord) (storeFunc, error) {
			s := subjectOf(line, book, record.BookID)
			return func(ctx context.Context) (outcome, error) { return a.putReading(ctx, s, record) }, a.markReadings(ctx)
		})
	case shelvesFile:
		return prepared(line, func(record placeRecord) (storeFunc, error) {
			s := subjectOf(line, book, record.BookID)
			return func(ctx context.Context) (outcome, error) { return a.putPlace(ctx, s, record) }, nil
		})
	case loansFile:
		return prepared(line, func(record loanRecord) (storeFunc, error) {
			s := subjectOf(line, book, record.BookID)
			return func(ctx context.Context) (outcome, error) { return a.createLoan(ctx, s, line.LoanID, record) }, nil
		})
	}
	return prepared(line, func(record goalRecord) (storeFunc, error) {
		return func(ctx context.Context) (outcome, error) { return a.putGoal(ctx, record) }, nil
	})
}

// prepared decodes the record of a line and passes it to prepare.
func prepared[T any](line models.ImportLine, prepare func(record T) (storeFunc, error)) (storeFunc, error) {
	var record T
	if err := json.Unmarshal([]byte(line.Cells[cellRecord]), &record); err != nil {
		return nil, fmt.Errorf("line %d: %w", line.Number, err) // cannot happen, because openArchive has decoded the record
	}
	return prepare(record)
}

// ofError returns the outcome for a record that could not be stored because of err. It returns err if the record is not
// the cause, as after an outage of the database.
func ofError(book models.ID, err error, missing string) (outcome, error) {
	switch models.CodeOf(err) {
	case models.NotFound:
		return outcome{book, models.RowSkipped, missing}, nil
	case models.Conflict, models.Invalid:
		return outcome{book, models.RowFailed, clientText(err)}, nil
	}
	return outcome{}, err
}

// clientText returns the text of an error for the client.
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
