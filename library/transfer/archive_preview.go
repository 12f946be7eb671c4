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
	case trashFile, booksFile:
		return p.books(ctx, name)
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
	if n, found := p.archive.books.shown.find(id); found {
		return !p.skipped[n], nil
	}
	if ownOnly {
		return false, nil
	}
	o, err := p.otherBook(ctx, id)
	return o.result == "", err
}

// previewedBook is a book of the archive, or of its trash, with the fields that its record sets.
type previewedBook struct {
	preparedBook
	up      models.BookUpdate
	trashed bool // whether the account has the book in its trash already
}

// books compares the books of a file with those of the account, many with one query.
func (p *archivePreview) books(ctx context.Context, name string) error {
	trashed, err := p.inTrash(ctx)
	if err != nil {
		return err
	}
	var batch []previewedBook
	flush := func() error {
		taken, err := p.taken(ctx, batch)
		for i, b := range batch {
			p.addBook(b, taken[i], name == booksFile)
		}
		batch = batch[:0]
		return err
	}
	err = eachRecord(ctx, p.archive, name, func(_ int, record archivedTrash) error {
		b := p.newBook("", record.archivedBook)
		batch = append(batch, previewedBook{b, record.BookUpdate, name == trashFile && trashed[trashKeyOf(b.Title, record.TrashedAt.time())]})
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
func (p *archivePreview) taken(ctx context.Context, books []previewedBook) ([]bool, error) {
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

// addBook counts a book. If it is not one of the trash, addBook also adds it to the sample, and remembers whether the records
// about it are skipped.
func (p *archivePreview) addBook(b previewedBook, taken, show bool) {
	row := models.ImportRow{Outcome: models.RowCreated, Title: b.Title, Reason: strings.Join(b.left, "; ")}
	switch {
	case b.trashed:
		row.Outcome, row.Reason = models.RowSkipped, trashedAlready
	case b.wrong != "":
		row.Outcome, row.Reason = models.RowFailed, b.wrong
	case taken:
		row.Outcome, row.Reason = models.RowSkipped, titleTaken
	}
	p.Total++
	row.Line = p.Total
	p.Outcomes.Add(row)
	if !show {
		return
	}
	p.skipped = append(p.skipped, row.Outcome != models.RowCreated)
	if len(p.Sample) < sampleLines {
		p.Sample = append(p.Sample, PreviewRow{ImportRow: row, Book: b.up})
	}
}
