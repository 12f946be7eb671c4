package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"
	"unicode/utf8"

	"bookplate/library"
	"bookplate/library/isbn"
	"bookplate/models"
)

const (
	// batchLines is the number of lines that are imported together. Their writes share a few transactions. Other writes
	// run between the batches.
	batchLines = 200

	// lookUpLines replaces batchLines in an import with look-up, in which a line may take a second.
	lookUpLines = 5

	// A batch ends when it has batchBytes, even if it has fewer than batchLines.
	batchBytes = 2 << 20

	// maxOpen is the maximum number of unfinished imports of an account.
	maxOpen = 5

	// kept is how long reports are stored. receiveTime is how long a file is stored if its upload was interrupted.
	kept        = 30 * 24 * time.Hour
	receiveTime = time.Hour
)

// Imports adds the books of files to the libraries of accounts. The lines of a file are stored when it is received.
// Later, any server imports them.
type Imports struct {
	Store      models.Store
	Books      *library.Books
	Readings   *library.Readings
	Shelves    *library.Shelves
	ISBN       *isbn.Finder
	Categories models.Categories
	Names      models.NamePolicy
	Log        *slog.Logger
	Now        func() time.Time
}

// Upload is a file to import and the options of its import.
type Upload struct {
	Name    string
	File    File
	Mapping map[string]string // maps names of columns to fields, and overrides the recognised fields
	models.ImportOptions
}

// File is a file to import. It must be an io.ReaderAt, because an archive is not read from start to end.
type File interface {
	io.ReadSeeker
	io.ReaderAt
}

// checkOptions checks the options of an upload and sets their defaults.
func (l *Imports) checkOptions(u *Upload) error {
	u.OnDuplicate = cmp.Or(u.OnDuplicate, models.DuplicateSkip)
	if (u.LookUp || u.Covers) && !l.ISBN.On() {
		return models.InvalidField("lookup", errors.New("is off on this server, and so are covers: METADATA_SOURCES is empty"))
	}
	return nil
}

var errTooMany = &models.Error{
	Code: models.Conflict, Name: "import_limit",
	Detail: fmt.Sprintf("%d imports are not finished: wait for one of them, or cancel it", maxOpen),
}

// Start receives a file and queues its import. If id is empty, the import gets a new id. If an import with this id
// exists, an earlier attempt of the same request has created it. Then Start returns that import, after receiving the
// file if it is not received yet.
//
// The error is Invalid if the file cannot be read, and Conflict if the account has too many imports.
func (l *Imports) Start(ctx context.Context, id, owner models.ID, u Upload) (models.Import, error) {
	if err := l.checkOptions(&u); err != nil {
		return models.Import{}, err
	}
	if err := l.checkOpen(ctx, owner, id); err != nil {
		return models.Import{}, err
	}
	from, err := l.open(ctx, u)
	if err != nil {
		return models.Import{}, err
	}
	now := l.Now()
	i := models.Import{
		ID: cmp.Or(id, models.NewID(now)), UserID: owner, FileName: fileName(u.Name), Format: from.format,
		ImportOptions: u.ImportOptions, Columns: from.columns, State: models.ImportReceiving, CreatedAt: now,
	}
	if err := l.Store.Imports().Create(ctx, i); err != nil {
		earlier, getErr := l.Store.Imports().Get(ctx, i.ID)
		if models.CodeOf(err) != models.Conflict || getErr != nil {
			return models.Import{}, err
		}
		if earlier.State != models.ImportReceiving {
			return earlier, nil
		}
		i = earlier
	}
	ready := i
	if err := l.receive(ctx, &ready, from.lines(i.ID)); err != nil {
		return models.Import{}, err
	}
	ready.State = models.ImportQueued
	return ready, l.Store.Imports().Update(ctx, i, ready)
}

// maxFileName is the maximum length of a stored file name, in characters.
const maxFileName = 200

func fileName(name string) string {
	name = repairText(name)
	if utf8.RuneCountInString(name) > maxFileName {
		name = string([]rune(name)[:maxFileName])
	}
	return name
}

// checkOpen returns an error if the account has too many unfinished imports, not counting the import id. It reads the
// unfinished imports of all accounts, which are few.
func (l *Imports) checkOpen(ctx context.Context, owner, id models.ID) error {
	open, f := 0, models.ImportFilter{Limit: batchSize}
	unfinished := rows(func(last *models.Import) ([]models.Import, error) {
		if last != nil {
			f.After = last.ID
		}
		return l.Store.Imports().List(ctx, f)
	})
	for i, err := range unfinished {
		if err != nil {
			return err
		}
		if i.UserID == owner && i.ID != id {
			open++
		}
	}
	if open >= maxOpen {
		return errTooMany
	}
	return nil
}

// receive stores the lines of a file in batches and counts them.
func (l *Imports) receive(ctx context.Context, i *models.Import, lines iter.Seq2[models.ImportLine, error]) error {
	size := batchLines
	if i.LookUp || i.Covers {
		size = lookUpLines
	}
	b := models.ImportBatch{ImportID: i.ID}
	bytes := 0
	store := func() error {
		if len(b.Lines) == 0 {
			return nil
		}
		if err := l.Store.Imports().PutBatch(ctx, b); err != nil {
			return err
		}
		b.Number++
		b.Lines, bytes = nil, 0
		return nil
	}
	for line, err := range lines {
		if err != nil {
			return err
		}
		for _, cell := range line.Cells {
			bytes += len(cell)
		}
		b.Lines = append(b.Lines, line)
		i.Total++
		if len(b.Lines) == size || bytes > batchBytes {
			if err := store(); err != nil {
				return err
			}
		}
	}
	err := store()
	i.Batches = b.Number
	return err
}

// Get returns an import of the owner. The error is NotFound if there is none.
func (l *Imports) Get(ctx context.Context, owner, id models.ID) (models.Import, error) {
	i, err := l.Store.Imports().Get(ctx, id)
	if err == nil && (i.UserID != owner || i.State == models.ImportReceiving) {
		err = &models.Error{Code: models.NotFound}
	}
	if err != nil {
		return models.Import{}, err
	}
	return i, nil
}

// List returns a page of the imports of an account, latest first.
func (l *Imports) List(ctx context.Context, f models.ImportFilter) ([]models.Import, error) {
	return l.Store.Imports().List(ctx, f)
}

// Rows returns up to limit rows of the report of an import, beginning after the cursor. If outcome is not empty, it
// returns only rows with that outcome. It reads no batches before the cursor.
func (l *Imports) Rows(
	ctx context.Context, i models.Import, outcome models.ImportOutcome, after models.Cursor, limit int,
) (rows []ReportRow, err error) {
	for number := after.Part; number < i.NextBatch && len(rows) < limit; number++ {
		b, err := l.Store.Imports().Batch(ctx, i.ID, number)
		if err != nil {
			return nil, err
		}
		for _, row := range b.WithOutcome(outcome) {
			if int64(row.Line) > after.Number && len(rows) < limit {
				rows = append(rows, ReportRow{row, number})
			}
		}
	}
	return rows, nil
}

// ReportRow is a row of a report with the number of its batch.
type ReportRow struct {
	models.ImportRow
	batch int
}

// Cursor returns the position of the row in the report of an import.
func (r ReportRow) Cursor(importID models.ID) models.Cursor {
	return models.Cursor{ID: importID, Number: int64(r.Line), Part: r.batch}
}

// Cancel ends an import. Lines that are not imported yet are skipped. If the import has ended already, Cancel does
// nothing.
func (l *Imports) Cancel(ctx context.Context, owner, id models.ID) error {
	for {
		i, err := l.Get(ctx, owner, id)
		if err != nil || i.Finished() || i.State == models.ImportCancelled {
			return err
		}
		cancelled := i
		cancelled.State = models.ImportCancelled
		if err := l.Store.Imports().Update(ctx, i, cancelled); models.CodeOf(err) != models.Conflict {
			return err
		}
	}
}

// DeleteOld deletes old reports, and files whose upload was interrupted.
func (l *Imports) DeleteOld(ctx context.Context) error {
	_, err := l.Store.Imports().DeleteOld(ctx, l.Now().Add(-kept), l.Now().Add(-receiveTime))
	return err
}
