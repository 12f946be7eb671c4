package transfer

import (
	"context"
	"slices"
	"strings"

	"bookplate/models"
)

// archivePreview predicts the result of an archive's import.
type archivePreview struct {
	*archiveImport
	*Preview
	archive *archive
	skipped []bool // whether each book of the file is skipped or fails
}

// previewArchive returns the predicted result of an archive's import. It stores nothing.
func (l *Imports) previewArchive(ctx context.Context, owner models.ID, a *archive) (Preview, error) {
	user, err := l.Store.Users().Get(ctx, owner)
	if err != nil {
		return Preview{}, err
	}
	imported, err := l.newArchiveImport(ctx, user)
	if err != nil {
		return Preview{}, err
	}
	p := &archivePreview{imported, &Preview{Format: archiveName, Sample: []PreviewRow{}, Records: map[string]int{}}, a, nil}
	for _, name := range importedFiles {
		before := p.Total
		if err := p.file(ctx, name); err != nil {
			return Preview{}, err
		}
		p.Records[strings.TrimSuffix(name, ".jsonl")] = p.Total - before
	}
	return *p.Preview, nil
}

func (p *archivePreview) file(ctx context.Context, name string) error {
	switch name {
	case trashFile:
		return p.trash(ctx)
	case booksFile:
		return p.books(ctx)
	case goalsFile:
		return eachRecord(ctx, p.archive, name, func(_ int, record goalRecord) error {
			p.count(p.goals[record.Year] == 0)
			return nil
		})
	}
	return eachRecord(ctx, p.archive, name, func(_ int, record struct {
		BookID models.ID `json:"book_id"`
	},
	) error {
		created, err := p.hasBook(ctx, record.BookID, name == loansFile)
		p.count(created)
		return err
	})
}

// count adds a record to the result, as created or as skipped.
func (p *archivePreview) count(created bool) {
	row := models.ImportRow{Outcome: models.RowSkipped}
	if created {
		row.Outcome = models.RowCreated
	}
	p.Total++
	p.Outcomes.Add(row)
}

// hasBook reports whether the library will have the book with this id. If ownOnly is true, books of other accounts do
// not count.
func (p *archivePreview) hasBook(ctx context.Context, id models.ID, ownOnly bool) (bool, error) {
	if line := p.archive.books.line(id); line > 0 {
		return !p.skipped[line-1], nil
	}
	if ownOnly {
		return false, nil
	}
	o, err := p.otherBook(ctx, id)
	return o.result == "", err
}

func (p *archivePreview) trash(ctx context.Context) error {
	trashed, err := p.inTrash(ctx)
	if err != nil {
		return err
	}
	return eachRecord(ctx, p.archive, trashFile, func(_ int, record archivedTrash) error {
		b := p.newBook("", record.archivedBook)
		p.count(!trashed[trashKey{b.Title, record.TrashedAt.time().UnixMilli()}])
		return nil
	})
}

// books compares the books of the archive with those of the account, many in each query.
func (p *archivePreview) books(ctx context.Context) error {
	var batch []preparedBook
	var updates []models.BookUpdate
	flush := func() error {
		taken, err := p.taken(ctx, batch)
		for i, b := range batch {
			p.addBook(b, updates[i], taken[i])
		}
		batch, updates = batch[:0], updates[:0]
		return err
	}
	err := eachRecord(ctx, p.archive, booksFile, func(_ int, record archivedBook) error {
		batch, updates = append(batch, p.newBook("", record)), append(updates, record.BookUpdate)
		if len(batch) < batchLines {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// taken reports for each book whether the account has a book with the same title, authors and ISBN.
func (p *archivePreview) taken(ctx context.Context, books []preparedBook) ([]bool, error) {
	titles := make([]string, len(books))
	for i, b := range books {
		titles[i] = titleKey(b.Title)
	}
	alike, err := p.Store.Books().Alike(ctx, p.user.ID, nil, titles)
	taken := make([]bool, len(books))
	for i, b := range books {
		taken[i] = slices.ContainsFunc(alike, func(other models.Book) bool {
			return other.Title == b.Title && other.Edition() == b.Edition()
		})
	}
	return taken, err
}

// addBook counts a book and adds it to the sample. up has only the fields that the record sets.
func (p *archivePreview) addBook(b preparedBook, up models.BookUpdate, taken bool) {
	row := models.ImportRow{Outcome: models.RowCreated, Title: b.Title, Reason: strings.Join(b.left, "; ")}
	switch {
	case b.wrong != "":
		row.Outcome, row.Reason = models.RowFailed, b.wrong
	case taken:
		row.Outcome, row.Reason = models.RowSkipped, titleTaken
	}
	p.Total++
	row.Line = p.Total
	p.Outcomes.Add(row)
	p.skipped = append(p.skipped, row.Outcome != models.RowCreated)
	if len(p.Sample) < sampleLines {
		p.Sample = append(p.Sample, PreviewRow{ImportRow: row, Book: up})
	}
}
