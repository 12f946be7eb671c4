package transfer

import (
	"context"
	"hash/maphash"
	"strings"

	"bookplate/models"
)

// sampleLines is the number of lines in the result of a dry run.
const sampleLines = 20

// Preview is the result of a dry run.
type Preview struct {
	Format   string
	Columns  []models.ImportColumn
	Total    int
	Outcomes models.ImportCounts
	Sample   []PreviewRow   // the first books
	Records  map[string]int // the number of records of each kind in an archive; nil for other files
}

// PreviewRow is a line with the values that an import would store.
type PreviewRow struct {
	models.ImportRow
	Book    models.BookUpdate
	Reading models.ReadingUpdate
	Shelves []string
	LentTo  string
}

// DryRun predicts the result of Start and Run for a file, without look-up. It stores nothing.
func (l *Imports) DryRun(ctx context.Context, owner models.ID, u Upload) (Preview, error) {
	if err := l.checkOptions(&u); err != nil {
		return Preview{}, err
	}
	if isArchive(u.File) {
		a, err := openUpload(ctx, u)
		if err != nil {
			return Preview{}, err
		}
		return l.previewArchive(ctx, owner, a, u.ImportOptions)
	}
	t, err := openTable(u.File, u.Mapping)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Format: t.format.name, Columns: t.columns, Sample: []PreviewRow{}}
	seen := newSeenBooks()
	var batch []*entry
	flush := func() error {
		plans, err := l.plan(ctx, owner, u.OnDuplicate, batch, seen)
		for _, plan := range plans {
			p.add(plan, u.LookUp)
		}
		batch = batch[:0]
		return err
	}
	for rec, err := range t.records {
		if err != nil {
			return Preview{}, err
		}
		if p.Total++; p.Total > maxLines {
			return Preview{}, unreadable("the file has more than %d lines: split it", maxLines)
		}
		if batch = append(batch, l.readEntry(t.format, t.columns, l.newLine(rec))); len(batch) == batchLines {
			if err := flush(); err != nil {
				return Preview{}, err
			}
		}
	}
	return p, flush()
}

// add counts a line. A line without a title counts as created if its ISBN will be looked up.
func (p *Preview) add(plan *plan, lookUp bool) {
	if plan.row.Outcome == models.RowCreated && plan.Book.Title == nil && (!lookUp || plan.Book.ISBN == nil) {
		plan.row.Outcome, plan.fail = models.RowFailed, noTitle
	}
	if !plan.repeat {
		plan.row.BookID = ""
	}
	row := plan.report()
	if p.Outcomes.Add(row); len(p.Sample) < sampleLines {
		p.Sample = append(p.Sample, PreviewRow{row, plan.Book, plan.Reading, plan.Shelves, plan.LentTo})
	}
}

// seenBooks has the ISBNs and titles of earlier lines in a dry run. It stores only hashes, so a long file needs little
// memory.
type seenBooks struct {
	seed   maphash.Seed
	hashes map[uint64]struct{}
}

func newSeenBooks() *seenBooks { return &seenBooks{maphash.MakeSeed(), map[uint64]struct{}{}} }

// has reports whether a line duplicates an earlier one by the rules of known.find, and adds the line.
func (s *seenBooks) has(e *entry) bool {
	if s == nil || e.Book.Title == nil && e.Book.ISBN == nil {
		return false
	}
	title, isbn, author := "", "", ""
	if e.Book.Title != nil {
		title = titleKey(*e.Book.Title)
	}
	if e.Book.ISBN != nil {
		isbn = *e.Book.ISBN
	}
	if e.Book.Authors != nil && len(*e.Book.Authors) > 0 {
		author = models.Fold((*e.Book.Authors)[0])
	}
	found := isbn != "" && s.seen("isbn", isbn, false)
	if title != "" {
		found = found || s.seen("without", title+"\n"+author, false) || isbn == "" && s.seen("any", title+"\n"+author, false)
	}
	if found {
		return true
	}
	if title != "" {
		s.seen("any", title+"\n"+author, true)
		if isbn == "" {
			s.seen("without", title+"\n"+author, true)
		}
	}
	if isbn != "" {
		s.seen("isbn", isbn, true)
	}
	return false
}

// seen reports whether a key was added before. If add is true, it adds the key.
func (s *seenBooks) seen(kind, key string, add bool) bool {
	h := maphash.String(s.seed, strings.Join([]string{kind, key}, "\x00"))
	_, found := s.hashes[h]
	if add {
		s.hashes[h] = struct{}{}
	}
	return found
}
