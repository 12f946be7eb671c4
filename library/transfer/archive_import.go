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

// outcome is the result of importing a record, and the reason for it. The reason may also name what was left out.
type outcome struct {
	book   models.ID
	result models.ImportOutcome
	reason string
}

// storeFunc stores a record and returns the outcome. An error means that the lines must be imported later.
type storeFunc func(context.Context) (outcome, error)

// archiveImport imports lines of an archive into a user's account. Everything except ids stays as it was: books and loans
// get new ids, and covers are made anew from their pictures. It changes nothing that the account already has: it skips a
// book whose title is taken, with all records about that book. A line that is imported again creates nothing twice.
type archiveImport struct {
	*Imports
	user    models.User
	goals   map[int]models.Goal // that the account has
	trashed map[trashKey]bool   // the books in its trash
}

// importArchive imports lines of an archive. It does not stop when the context ends, so no record is stored in part.
func (l *Imports) importArchive(ctx context.Context, user models.User, lines []models.ImportLine) ([]models.ImportRow, error) {
	ctx = context.WithoutCancel(ctx)
	a, err := l.newArchiveImport(ctx, user)
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
		rows, lines = append(rows, imported...), lines[n:]
	}
	return rows, nil
}

// sameFile returns the number of the first lines that can be stored at the same time: lines of the same file, or a single
// line of the trash, because several books in the trash may have the same title.
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

func (l *Imports) newArchiveImport(ctx context.Context, user models.User) (*archiveImport, error) {
	goals, err := l.Store.Readings().Goals(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	return &archiveImport{Imports: l, user: user, goals: goals}, nil
}

// importLines imports lines of the same file. It prepares one line after another, because making a cover takes much memory,
// and then stores all of them at the same time.
func (a *archiveImport) importLines(ctx context.Context, lines []models.ImportLine) ([]models.ImportRow, error) {
	stores := make([]storeFunc, len(lines))
	for i, line := range lines {
		var err error
		if stores[i], err = a.prepare(ctx, line); err != nil {
			return nil, err
		}
	}
	rows := make([]models.ImportRow, len(lines))
	var all errgroup.Group
	for i, store := range stores {
		all.Go(func() error {
			o, err := store(ctx)
			rows[i] = a.row(lines[i], o)
			return err
		})
	}
	return rows, all.Wait()
}

// row returns the row of a line in the report. The reason names the kind of the record unless it is a book.
func (a *archiveImport) row(line models.ImportLine, o outcome) models.ImportRow {
	row := models.ImportRow{Line: line.Number, Outcome: o.result, Reason: o.reason, BookID: o.book}
	file := line.Cells[cellFile]
	if file == booksFile || file == trashFile {
		row.Title = titleOf(line)
	} else if row.Reason != "" {
		row.Reason = kinds[file] + ": " + row.Reason
	}
	return row
}

// kinds are the kinds of records in the files of an archive.
var kinds = map[string]string{
	trashFile: "trash", booksFile: "book", readingsFile: "reading", shelvesFile: "shelf", loansFile: "loan", goalsFile: "goal",
}

func titleOf(line models.ImportLine) string {
	var record struct{ Title string }
	_ = json.Unmarshal([]byte(line.Cells[cellRecord]), &record) // a title of another type is reported as invalid
	return record.Title
}

// prepare decodes the record of a line and makes the cover of a book.
func (a *archiveImport) prepare(ctx context.Context, line models.ImportLine) (storeFunc, error) {
	switch line.Cells[cellFile] {
	case trashFile:
		return prepared(line, func(record archivedTrash) (storeFunc, error) { return a.prepareTrash(ctx, line, record) })
	case booksFile:
		return prepared(line, func(record archivedBook) (storeFunc, error) {
			book, err := a.prepareBook(ctx, line, record)
			return func(ctx context.Context) (outcome, error) { return a.createBook(ctx, book) }, err
		})
	case readingsFile:
		return prepared(line, func(record readingRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return a.putReading(ctx, line.BookID, record) }, a.markReadings(ctx)
		})
	case shelvesFile:
		return prepared(line, func(record placeRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return a.putPlace(ctx, line.BookID, record) }, nil
		})
	case loansFile:
		return prepared(line, func(record loanRecord) (storeFunc, error) {
			return func(ctx context.Context) (outcome, error) { return a.createLoan(ctx, line, record) }, nil
		})
	}
	return prepared(line, func(record goalRecord) (storeFunc, error) {
		return func(ctx context.Context) (outcome, error) { return a.putGoal(ctx, record) }, nil
	})
}

// prepared decodes a record and calls prepare with it.
func prepared[T any](line models.ImportLine, prepare func(record T) (storeFunc, error)) (storeFunc, error) {
	var record T
	if err := json.Unmarshal([]byte(line.Cells[cellRecord]), &record); err != nil {
		return nil, fmt.Errorf("line %d: %w", line.Number, err) // openArchive has decoded it before
	}
	return prepare(record)
}

// ofError returns the outcome for a record that could not be stored because of err. It returns err itself if that has nothing
// to do with the record, such as an outage of the database.
func ofError(book models.ID, err error, missing string) (outcome, error) {
	switch models.CodeOf(err) {
	case models.NotFound:
		return outcome{book, models.RowSkipped, missing}, nil
	case models.Conflict, models.Invalid:
		return outcome{book, models.RowFailed, clientText(err)}, nil
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
