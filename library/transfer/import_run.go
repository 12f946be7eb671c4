package transfer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bookplate/models"
)

const (
	// leaseTime is how long an import pauses if the server that runs it is killed. If two servers run the same batch at
	// once, they create the same books, so there are no duplicates.
	leaseTime  = 6 * time.Second
	renewEvery = leaseTime / 3

	// turns is the maximum number of imports that run alternately.
	turns = 100
)

// Run imports the waiting files until none is left. Unfinished imports run alternately, a batch each. Run skips imports
// that another server runs. holder identifies this server.
func (l *Imports) Run(ctx context.Context, holder string) error {
	failed := map[models.ID]error{}
	for ctx.Err() == nil {
		list, err := l.Store.Imports().List(ctx, models.ImportFilter{Limit: turns})
		if err != nil {
			return err
		}
		ran := false
		for _, i := range list {
			if failed[i.ID] != nil {
				continue
			}
			taken, err := l.step(ctx, i.ID, holder)
			if err != nil {
				failed[i.ID] = fmt.Errorf("import %s: %w", i.ID, err)
			}
			ran = ran || taken
		}
		if !ran {
			break
		}
	}
	return errors.Join(slices.Collect(maps.Values(failed))...)
}

// step imports the next batch of an import, unless another server has the lease.
func (l *Imports) step(ctx context.Context, id models.ID, holder string) (taken bool, err error) {
	lease := "import " + string(id)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if taken, err := l.take(ctx, lease, holder); err != nil || !taken {
		return false, err
	}
	var renewing sync.WaitGroup
	renewing.Go(func() { l.renew(ctx, lease, holder) })
	finished, err := l.next(ctx, id)
	cancel()
	renewing.Wait()
	if finished {
		err = errors.Join(err, l.Store.Leases().Release(context.WithoutCancel(ctx), lease, holder))
	}
	return true, err
}

// take acquires or extends a lease.
func (l *Imports) take(ctx context.Context, lease, holder string) (taken bool, err error) {
	now := l.Now()
	return l.Store.Leases().Take(ctx, lease, holder, now, now.Add(leaseTime))
}

// renew extends a lease at intervals until ctx ends.
func (l *Imports) renew(ctx context.Context, lease, holder string) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, _ = l.take(ctx, lease, holder) // the next tick tries again
		}
	}
}

// next imports the next batch of an import, and reports whether it was the last one.
func (l *Imports) next(ctx context.Context, id models.ID) (finished bool, err error) {
	i, err := l.Store.Imports().Get(ctx, id)
	if models.CodeOf(err) == models.NotFound || err == nil && i.Finished() {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	user, err := l.Store.Users().Get(ctx, i.UserID)
	if models.CodeOf(err) == models.NotFound {
		return true, l.Store.Imports().DeleteAll(ctx, i.UserID)
	}
	if err != nil {
		return false, err
	}
	after := i
	if i.State == models.ImportQueued {
		after.State, after.StartedAt = models.ImportRunning, l.Now()
	}
	if !user.Active && i.State != models.ImportCancelled {
		after.State, after.Reason = models.ImportFailed, "the account is disabled"
	}
	if err := l.advance(ctx, user, &after); err != nil {
		return false, err
	}
	err = l.Store.Imports().Update(ctx, i, after)
	if models.CodeOf(err) == models.Conflict { // the import was cancelled meanwhile, which the next step handles
		return false, nil
	}
	return after.Finished(), err
}

// advance imports the next batch and counts its rows. The rows are stored before the import is updated, so after a
// crash they may be stored already.
func (l *Imports) advance(ctx context.Context, user models.User, i *models.Import) error {
	b, err := l.Store.Imports().Batch(ctx, i.ID, i.NextBatch)
	if err != nil {
		return err
	}
	if b.Rows == nil {
		if b.Rows, err = l.importLines(ctx, user, i, b.Lines); err != nil {
			return err
		}
		b.Lines = nil
		if err := l.Store.Imports().PutBatch(context.WithoutCancel(ctx), b); err != nil {
			return err
		}
	}
	i.Outcomes.Add(b.Rows...)
	if i.NextBatch++; i.NextBatch == i.Batches {
		i.FinishedAt = l.Now()
		if i.State == models.ImportRunning {
			i.State = models.ImportDone
		}
	}
	return nil
}

// importLines imports lines and returns their rows. If the import was cancelled or has failed, all rows say so. After
// an unforeseen error, the import fails. importLines returns any other error of the server, and the lines are imported
// later.
func (l *Imports) importLines(
	ctx context.Context, user models.User, i *models.Import, lines []models.ImportLine,
) ([]models.ImportRow, error) {
	switch i.State {
	case models.ImportCancelled:
		return unread(lines, models.RowSkipped, "the import was cancelled"), nil
	case models.ImportFailed:
		return unread(lines, models.RowFailed, i.Reason), nil
	}
	rows, err := l.importAll(ctx, user, i, lines)
	if err == nil || ctx.Err() != nil || models.CodeOf(err) != models.Internal {
		return rows, err
	}
	l.Log.Error("an import has failed", "import", i.ID, "error", err)
	i.State, i.Reason = models.ImportFailed, "something went wrong"
	return unread(lines, models.RowFailed, i.Reason), nil
}

// unread returns rows for lines that are not imported.
func unread(lines []models.ImportLine, outcome models.ImportOutcome, reason string) (rows []models.ImportRow) {
	for _, line := range lines {
		rows = append(rows, models.ImportRow{Line: line.Number, Outcome: outcome, Reason: reason})
	}
	return rows
}

func (l *Imports) importAll(
	ctx context.Context, user models.User, i *models.Import, lines []models.ImportLine,
) ([]models.ImportRow, error) {
	if i.Format == archiveName {
		return l.importArchive(ctx, user, *i, lines)
	}
	entries := make([]*entry, len(lines))
	for n, line := range lines {
		entries[n] = l.readEntry(formatNamed(i.Format), i.Columns, line)
	}
	plans, err := l.plan(ctx, user.ID, i.OnDuplicate, entries, nil)
	if err != nil {
		return nil, err
	}
	if err := l.applyAll(ctx, user, i, plans); err != nil {
		return nil, err
	}
	rows := make([]models.ImportRow, len(plans))
	for n, p := range plans {
		rows[n] = p.report()
	}
	return rows, nil
}

// report returns the row of a line, with the reason for its outcome.
func (p *plan) report() models.ImportRow {
	var reasons []string
	for _, reason := range append([]string{p.skip, p.fail}, p.notes...) {
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	p.row.Reason = strings.Join(reasons, "; ")
	return p.row
}

// plan decides how to import the lines. In a dry run, seen has the earlier lines of the file.
func (l *Imports) plan(
	ctx context.Context, owner models.ID, on models.OnDuplicate, entries []*entry, seen *seenBooks,
) ([]*plan, error) {
	k, err := l.knownBooks(ctx, owner, entries)
	if err != nil {
		return nil, err
	}
	plans := make([]*plan, len(entries))
	var updated []models.ID
	for n, e := range entries {
		if seen.has(e) && on != models.DuplicateAdd && e.fail == "" && e.skip == "" {
			e.skip = "it is in the file before"
		}
		plans[n] = k.planLine(e, owner, on)
		if plans[n].row.Outcome == models.RowUpdated {
			updated = append(updated, plans[n].target.ID)
		}
	}
	if len(updated) == 0 {
		return plans, nil
	}
	readings, err := l.Store.Readings().Of(ctx, owner, updated)
	for _, p := range plans {
		if p.row.Outcome != models.RowUpdated {
			continue
		}
		at := slices.IndexFunc(readings, func(r models.Reading) bool { return r.BookID == p.target.ID })
		if at >= 0 {
			p.before = &readings[at]
		}
		p.narrow()
	}
	return plans, err
}

// applyAll imports lines. It stores new books and their reading records in one call. Then it handles the other lines
// concurrently, so their writes share transactions. It handles lines of the same book in order.
func (l *Imports) applyAll(ctx context.Context, user models.User, i *models.Import, plans []*plan) error {
	if !i.LookUp && !i.Covers {
		if err := l.createAll(ctx, user, plans); err != nil {
			return err
		}
	}
	groups := map[models.ID][]*plan{}
	for _, p := range plans {
		if p.remains() {
			groups[p.target.ID] = append(groups[p.target.ID], p)
		}
	}
	var running sync.WaitGroup
	errs := make(chan error, len(plans))
	for _, group := range groups {
		running.Go(func() {
			for _, p := range group {
				if err := l.applyOne(ctx, user, i, p); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	running.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return importError(all)
}

// remains reports whether a part of the line is not imported yet after createAll.
func (p *plan) remains() bool {
	if p.target == nil || p.row.Outcome == models.RowSkipped {
		return false
	}
	return !p.stored || p.LentTo != ""
}

// createAll stores the new books of lines, and then their reading records and places on shelves. It skips books that
// exist, for example since a crash. applyOne handles their lines.
func (l *Imports) createAll(ctx context.Context, user models.User, plans []*plan) error {
	var created []*plan
	var books []models.Book
	for _, p := range plans {
		if p.row.Outcome == models.RowCreated && p.Book.Title != nil {
			created, books = append(created, p), append(books, *p.target)
		}
	}
	conflicts, err := l.Books.CreateAll(ctx, user.ID, books)
	if err != nil {
		return err
	}
	var readings []models.Reading
	for n, p := range created {
		if slices.Contains(conflicts, n) {
			continue
		}
		p.stored = true
		if p.Reading.Status != nil {
			readings = append(readings, p.Reading.Apply(models.Reading{ReadingKey: models.ReadingKey{BookID: p.BookID}}))
		}
	}
	if err := l.Readings.CreateAll(ctx, user, readings); err != nil {
		return err
	}
	return l.shelveAll(ctx, user, created)
}

// shelveAll puts the stored books of lines on shelves. If a shelf is full, it only adds a note to the line.
func (l *Imports) shelveAll(ctx context.Context, user models.User, plans []*plan) error {
	var entries []models.ShelfEntry
	var of []*plan
	for _, p := range plans {
		if !p.stored {
			continue
		}
		for _, name := range p.Shelves {
			entries, of = append(entries, models.ShelfEntry{Shelf: name, BookID: p.BookID}), append(of, p)
		}
	}
	full, err := l.Shelves.PutAll(ctx, user.ID, entries)
	for _, n := range full {
		of[n].notes = append(of[n].notes, "not put on the shelf "+entries[n].Shelf+": the shelves are full")
	}
	return err
}

// importError joins the errors. If one of them is Unavailable or InsufficientStorage, it returns only that one, after
// which the lines are imported again later.
func importError(errs []error) error {
	for _, err := range errs {
		if code := models.CodeOf(err); code == models.Unavailable || code == models.InsufficientStorage {
			return err
		}
	}
	return errors.Join(errs...)
}

// applyOne imports a line. It returns only errors of the server. The report has all other errors.
func (l *Imports) applyOne(ctx context.Context, user models.User, i *models.Import, p *plan) error {
	var err error
	switch {
	case p.repeat:
		err = l.updateBook(ctx, user, p)
	case !p.stored:
		err = l.createBook(ctx, i, p)
	}
	if err == nil && p.row.Outcome != models.RowSkipped && p.row.Outcome != models.RowFailed {
		err = l.applyRest(ctx, user, p)
	}
	if err == nil || models.IsInternal(err) || errors.Is(err, models.ErrNoAccount) {
		return err
	}
	p.row.Outcome, p.fail = models.RowFailed, reasonOf(err)
	return nil
}

// reasonOf returns the text of an error for the client.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*models.Error](err); ok && e.Detail != nil {
		return fmt.Sprint(e.Detail)
	}
	return "the book was changed or deleted meanwhile"
}

// createBook creates the book of a line. If the import has look-up, it first looks up missing fields.
func (l *Imports) createBook(ctx context.Context, i *models.Import, p *plan) error {
	found, file, err := l.lookUp(ctx, i, p)
	if err != nil {
		return err
	}
	defer closeFile(file)
	if found {
		p.row.Title = *p.Book.Title
	}
	if p.Book.Title == nil {
		p.row.Outcome, p.row.BookID = models.RowFailed, ""
		p.fail = noTitle
		return nil
	}
	b, err := l.Books.CreateFound(ctx, p.BookID, i.UserID, p.Book, file)
	if models.CodeOf(err) == models.Conflict {
		p.row.Outcome, p.row.BookID, p.skip = models.RowSkipped, "", "this edition is in the library"
		return nil
	}
	p.target = &b
	return err
}

// updateBook changes the book that a line duplicates.
func (l *Imports) updateBook(ctx context.Context, user models.User, p *plan) error {
	if p.book.Empty() {
		return nil
	}
	_, err := l.Books.Edit(ctx, models.Actor{User: user}, *p.target, p.book, nil)
	if models.CodeOf(err) == models.Conflict {
		p.notes = append(p.notes, "not updated: another book has this title, these authors and this ISBN")
		return nil
	}
	return err
}

// applyRest stores the reading record, the places on shelves and the loan of a line whose book is stored.
func (l *Imports) applyRest(ctx context.Context, user models.User, p *plan) error {
	changed := !p.repeat || !p.book.Empty()
	reading := p.Reading
	if p.repeat {
		reading = p.reading
	}
	if !p.stored && hasReading(reading) && (reading.Status != nil || p.before != nil) {
		changed = true
		if _, err := l.Readings.Put(ctx, user, *p.target, reading); err != nil {
			return err
		}
	}
	for _, name := range p.unshelved() {
		isNew, err := l.shelve(ctx, user, p, name)
		if err != nil {
			return err
		}
		changed = changed || isNew
	}
	if !p.repeat && p.LentTo != "" {
		return l.lend(ctx, user, p)
	}
	if !changed {
		p.row.Outcome, p.skip = models.RowSkipped, "it is in the library, and nothing is to change"
	}
	return nil
}

// unshelved returns the shelves that applyRest puts the book on. There are none if createAll has stored the book.
func (p *plan) unshelved() []string {
	if p.stored {
		return nil
	}
	return p.Shelves
}

func hasReading(up models.ReadingUpdate) bool {
	for range up.Fields() {
		return true
	}
	return false
}

// shelve puts the book of a line on a shelf, and reports whether it is new there. If the shelf is full, shelve only
// adds a note to the line.
func (l *Imports) shelve(ctx context.Context, user models.User, p *plan, name string) (isNew bool, err error) {
	if p.repeat {
		_, err := l.Shelves.Get(ctx, user, name, p.target.ID)
		if models.CodeOf(err) != models.NotFound {
			return false, err
		}
	}
	_, err = l.Shelves.Put(ctx, user, name, p.target.ID)
	if models.CodeOf(err) == models.Conflict {
		p.notes = append(p.notes, "not put on the shelf "+name+": the shelves are full")
		return false, nil
	}
	return true, err
}

// lend stores an open loan. It stores only the borrower's name, because the file has no accounts of this server.
func (l *Imports) lend(ctx context.Context, user models.User, p *plan) error {
	now := l.Now()
	loan := models.Loan{ID: p.LoanID, BookID: p.BookID, LenderID: user.ID, Borrower: p.LentTo, LentAt: now}
	if p.LentAt != 0 && p.LentAt < models.DateOf(now) {
		loan.LentAt = p.LentAt.Time()
	}
	err := l.Store.Loans().Create(ctx, loan, max(p.target.Copies, 1))
	if models.CodeOf(err) == models.Conflict { // the loan was created before a crash
		return nil
	}
	return err
}

// formatNamed returns the first format with this name. Formats with the same name read lines in the same way.
func formatNamed(name string) *format {
	i := slices.IndexFunc(formats, func(f *format) bool { return f.name == name })
	return formats[max(i, 0)]
}
