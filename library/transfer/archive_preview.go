package transfer

import (
	"context"
	"strings"

	"bookplate/models"
)

// archivePreview predicts the result of an archive's import.
type archivePreview struct {
	*archiveImport
	*Preview
	archive *archive
	books   []models.ID // what each book of the file becomes: newBook, a book of the account, or empty if it is skipped
}

// newBook stands for the id of a book that the import will create.
const newBook models.ID = "new"

// previewArchive returns the predicted result of an archive's import. It stores nothing.
func (l *Imports) previewArchive(ctx context.Context, owner models.ID, a *archive, o models.ImportOptions) (Preview, error) {
	user, err := l.Store.Users().Get(ctx, owner)
	if err != nil {
		return Preview{}, err
	}
	imported, err := l.newArchiveImport(ctx, user, models.Import{ImportOptions: o})
	if err != nil {
		return Preview{}, err
	}
	p := &archivePreview{imported, &Preview{Format: archiveName, Sample: []PreviewRow{}, Records: map[string]int{}}, a, nil}
	for _, name := range importedFiles {
		before := p.Total
		if err := p.file(ctx, name); err != nil {
			return Preview{}, err
		}
		kind, _, _ := strings.Cut(name, ".")
		p.Records[kind] = p.Total - before
	}
	return *p.Preview, nil
}

func (p *archivePreview) file(ctx context.Context, name string) error {
	switch name {
	case profileFile:
		return eachRecord(ctx, p.archive, name, func(_ int, record archivedProfile) error {
			o, _, err := p.planProfile(ctx, record)
			p.count(o)
			return err
		})
	case trashFile:
		return p.trash(ctx)
	case booksFile:
		return p.archive.withCovers(ctx, coversFile, func(covers *coverReader) error { return p.shown(ctx, covers) })
	case readingsFile:
		return eachRecord(ctx, p.archive, name, func(_ int, record readingRecord) error {
			return p.about(ctx, record.BookID, func(s subject) (outcome, error) {
				o, _, err := p.planReading(ctx, s, record.readingFields)
				return o, err
			})
		})
	case shelvesFile:
		return eachRecord(ctx, p.archive, name, func(_ int, record placeRecord) error {
			return p.about(ctx, record.BookID, func(s subject) (outcome, error) { return p.planPlace(ctx, s, record.Shelf) })
		})
	case loansFile:
		return eachRecord(ctx, p.archive, name, func(_ int, record loanRecord) error {
			return p.about(ctx, record.BookID, func(s subject) (outcome, error) {
				if s.other {
					return outcome{"", models.RowSkipped, missingBook}, nil
				}
				return p.planLoan(ctx, s, "", record.loanFields)
			})
		})
	}
	return eachRecord(ctx, p.archive, name, func(_ int, record goalRecord) error {
		p.count(p.planGoal(record))
		return nil
	})
}

// count adds a record to the result.
func (p *archivePreview) count(o outcome) {
	p.Total++
	p.Outcomes.Add(models.ImportRow{Outcome: o.result})
}

// about counts a record about the book with this id in the archive. plan decides what to do with the record.
func (p *archivePreview) about(ctx context.Context, id models.ID, plan func(s subject) (outcome, error)) error {
	n, found := p.archive.books.shown.find(id)
	s := subject{id, !found, true}
	if found {
		s.id, s.known = p.books[n], p.books[n] != newBook
	}
	if s.id == "" {
		p.count(outcome{"", models.RowSkipped, missingBook})
		return nil
	}
	o, err := p.visible(ctx, s)
	if err == nil && o.result == "" {
		o, err = plan(s)
	}
	p.count(o)
	return err
}

// previewedBook is a book of the archive with the fields that its record sets.
type previewedBook struct {
	preparedBook
	archived archivedTrash
	picture  bool // whether the archive has its cover
}

// inBatches calls flush with the books of a file, many at a time.
func (p *archivePreview) inBatches(
	ctx context.Context, name string, covers *coverReader, flush func(batch []previewedBook, matches []match),
) error {
	empty, err := p.hadNoBooks(ctx)
	if err != nil {
		return err
	}
	var batch []previewedBook
	find := func() error {
		matches, err := make([]match, len(batch)), error(nil)
		if !empty {
			matches, err = p.matchBatch(ctx, batch)
		}
		if err == nil {
			flush(batch, matches)
		}
		batch = batch[:0]
		return err
	}
	err = eachRecord(ctx, p.archive, name, func(_ int, record archivedTrash) error {
		b := previewedBook{p.newBook("", record.archivedBook), record, false}
		if covers != nil {
			b.picture = covers.next == coverName(record.ID)
			if err := covers.skip(record.ID); err != nil {
				return err
			}
		}
		if batch = append(batch, b); len(batch) < batchLines {
			return nil
		}
		return find()
	})
	if err != nil {
		return err
	}
	return find()
}

func (p *archivePreview) matchBatch(ctx context.Context, batch []previewedBook) ([]match, error) {
	ids, books := make([]models.ID, len(batch)), make([]preparedBook, len(batch))
	for i, b := range batch {
		ids[i], books[i] = b.archived.ID, b.preparedBook
	}
	return p.findMatches(ctx, ids, books)
}

// trash counts the books of the trash.
func (p *archivePreview) trash(ctx context.Context) error {
	trashed, err := p.inTrash(ctx)
	if err != nil {
		return err
	}
	return p.inBatches(ctx, trashFile, nil, func(batch []previewedBook, matches []match) {
		for i, b := range batch {
			o := outcome{"", models.RowCreated, ""}
			if trashed[trashKeyOf(b.Title, b.archived.TrashedAt.time())] || matches[i].same {
				o.result = models.RowSkipped
			} else if b.wrong != "" {
				o.result = models.RowFailed
			}
			p.count(o)
		}
	})
}

// shown counts the books outside of the trash, and adds the first ones to the sample.
func (p *archivePreview) shown(ctx context.Context, covers *coverReader) error {
	return p.inBatches(ctx, booksFile, covers, func(batch []previewedBook, matches []match) {
		for i, b := range batch {
			o, _ := p.decide(b.preparedBook, matches[i])
			if o.reason == nothingNew && b.picture && lacksCover(*matches[i].book) {
				o.result, o.reason = models.RowUpdated, strings.Join(b.left, "; ")
			}
			p.addBook(b, o)
		}
	})
}

func (p *archivePreview) addBook(b previewedBook, o outcome) {
	p.count(o)
	book := o.book
	switch {
	case o.result == models.RowCreated:
		book = newBook
	case p.job.OnDuplicate != models.DuplicateUpdate:
		book = "" // the records about a book that is skipped are skipped, too
	}
	p.books = append(p.books, book)
	if len(p.Sample) < sampleLines {
		row := models.ImportRow{Line: p.Total, Outcome: o.result, Reason: o.reason, BookID: o.book, Title: b.Title}
		p.Sample = append(p.Sample, PreviewRow{ImportRow: row, Book: b.archived.BookUpdate})
	}
}
