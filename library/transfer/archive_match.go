package transfer

import (
	"cmp"
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// match is the book of the account that a book of an archive matches.
type match struct {
	book *models.Book // nil if there is none
	same bool         // whether it has the same title, authors and ISBN
}

// findMatches finds the books of the account that books of the archive match. ids are the ids in the archive. A book matches
// the one with the same title, authors and ISBN, or else the one with its id, or else one that the rules of all formats find.
// Books that this import has created are left out, because two books of the archive may be alike.
func (a *archiveImport) findMatches(ctx context.Context, ids []models.ID, books []preparedBook) ([]match, error) {
	byID, err := a.ownBooks(ctx, ids)
	if err != nil {
		return nil, err
	}
	k, err := a.alike(ctx, books)
	matches := make([]match, len(books))
	for i, b := range books {
		same := k.edition(b.Book)
		matches[i] = match{cmp.Or(same, byID[i], k.find(b.Book)), same != nil}
	}
	return matches, err
}

// hadNoBooks reports whether the account has no books but those of this import. Then there are no matches to look for. The ids of
// an import sort next to each other, so only the first and the last book are looked at.
func (a *archiveImport) hadNoBooks(ctx context.Context) (bool, error) {
	for _, sort := range []models.BookSort{models.SortCreated, models.SortCreatedDesc} {
		books, err := a.Store.Books().List(ctx, models.BookFilter{UserID: a.user.ID, Sort: sort, Limit: 1})
		if err != nil || len(books) == 0 {
			return true, err
		}
		if !a.created(books[0].ID) {
			return false, nil
		}
	}
	return true, nil
}

// created reports whether a book has an id of this import.
func (a *archiveImport) created(id models.ID) bool { return newIDsOf(a.job.ID, booksFile).made(id) }

// ownBooks returns the account's books with these ids, and nil for other ids.
func (a *archiveImport) ownBooks(ctx context.Context, ids []models.ID) ([]*models.Book, error) {
	books := make([]*models.Book, len(ids))
	var all errgroup.Group
	for i, id := range ids {
		all.Go(func() error {
			b, err := a.Store.Books().Get(ctx, id)
			if err == nil && b.UserID == a.user.ID {
				books[i] = &b
			}
			if models.CodeOf(err) == models.NotFound {
				return nil
			}
			return err
		})
	}
	return books, all.Wait()
}

// alike looks up the books of the account that may match by their ISBN or title.
func (a *archiveImport) alike(ctx context.Context, books []preparedBook) (*known, error) {
	var isbns, titles []string
	for _, b := range books {
		if b.ISBN != "" {
			isbns = append(isbns, b.ISBN)
		}
		titles = append(titles, titleKey(b.Title))
	}
	found, err := a.Store.Books().Alike(ctx, a.user.ID, isbns, titles)
	var others []models.Book
	for _, b := range found {
		if !a.created(b.ID) {
			others = append(others, b)
		}
	}
	return newKnown(others), err
}

// matchLines finds the matches of the books of some lines.
func (a *archiveImport) matchLines(ctx context.Context, lines []models.ImportLine) error {
	a.matches = map[models.ID]match{}
	if empty, err := a.hadNoBooks(ctx); err != nil || empty {
		return err
	}
	ids, books := make([]models.ID, len(lines)), make([]preparedBook, len(lines))
	for i, line := range lines {
		var record archivedBook
		if err := json.Unmarshal([]byte(line.Cells[cellRecord]), &record); err != nil {
			return err // cannot happen, because openArchive has decoded the record
		}
		ids[i], books[i] = record.ID, a.newBook(line.BookID, record)
	}
	matches, err := a.findMatches(ctx, ids, books)
	if err != nil {
		return err
	}
	for i, line := range lines {
		a.matches[line.BookID] = matches[i]
	}
	return nil
}

// decide returns what an import does with a book of the archive. If it updates the account's book, it also returns the
// update.
func (a *archiveImport) decide(b preparedBook, m match) (o outcome, up models.BookUpdate) {
	left := strings.Join(b.left, "; ")
	switch on := a.job.OnDuplicate; {
	case b.wrong != "":
		return outcome{"", models.RowFailed, b.wrong}, up
	case m.book == nil || on == models.DuplicateAdd && !m.same:
		return outcome{b.ID, models.RowCreated, left}, up
	case on == models.DuplicateUpdate:
		if up = narrowBook(withoutEmpty(b.fields), *m.book); !up.Empty() {
			return outcome{m.book.ID, models.RowUpdated, left}, up
		}
		return outcome{m.book.ID, models.RowSkipped, nothingNew}, up
	case m.same:
		return outcome{m.book.ID, models.RowSkipped, titleTaken}, up
	}
	return outcome{m.book.ID, models.RowSkipped, inLibrary}, up
}

// withoutEmpty omits the fields that an update would clear. A field that the archive's book lacks does not change the
// account's book.
func withoutEmpty(up models.BookUpdate) models.BookUpdate {
	for name, value := range up.Changes() {
		v := reflect.ValueOf(value)
		if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
			up.Omit(name)
		}
	}
	return up
}

// lacksCover reports whether a book gets the cover of the archive's book. A book that has a cover keeps it, because a
// picture is never the same after it was made again, so a repeated import would change each cover.
func lacksCover(b models.Book) bool { return b.Cover.Name == "" && b.ImageURL == "" }

// updateBook changes the book of the account that a book of the archive matches. b.Cover is the archive's cover, or empty if
// the account's book had one.
func (a *archiveImport) updateBook(ctx context.Context, b preparedBook, id models.ID) (outcome, error) {
	found, err := a.Store.Books().Get(ctx, id) // lines before may have changed it
	if err != nil {
		a.dropCover(ctx, b)
		return ofError("", err, goneMeanwhile)
	}
	o, up := a.decide(b, match{book: &found})
	switch {
	case b.Cover.Name == "":
	case lacksCover(found):
		up.Cover, o.result, o.reason = &b.Cover, models.RowUpdated, strings.Join(b.left, "; ")
		up.IfVersion = models.Versions{found.Version} // a cover that is added meanwhile is not replaced
	default:
		a.dropCover(ctx, b)
	}
	if o.result != models.RowUpdated {
		return o, nil
	}
	_, err = a.Books.Edit(ctx, models.Actor{User: a.user}, found, up, nil)
	switch models.CodeOf(err) {
	case models.Conflict:
		return outcome{id, models.RowSkipped, otherEdition}, nil
	case models.PreconditionFailed:
		return outcome{id, models.RowFailed, "the book was changed meanwhile: import the file again"}, nil
	case models.NotFound:
		return outcome{"", models.RowSkipped, goneMeanwhile}, nil
	}
	return o, err
}

// bookOf returns the book that the record in a line is about: the new book, or the account's book that is updated.
func (a *archiveImport) bookOf(ctx context.Context, line models.ImportLine) (models.ID, error) {
	if a.job.OnDuplicate != models.DuplicateUpdate {
		return line.BookID, nil
	}
	if line.Cells[cellFile] == booksFile {
		if found := a.matches[line.BookID].book; found != nil {
			return found.ID, nil
		}
		return line.BookID, nil
	}
	number, err := strconv.Atoi(line.Cells[cellBook])
	if err != nil {
		return line.BookID, nil //nolint:nilerr // the record is not about a book of the archive
	}
	book, err := a.reports.book(ctx, number)
	return cmp.Or(book, line.BookID), err
}

// reports finds the books that earlier lines of an import have created or changed. A record may be in another batch than
// its book, so reports reads the stored rows.
type reports struct {
	imports models.Imports
	job     models.Import
	books   map[int]models.ID // by the number of the line
	batches map[int]lineRange
}

// lineRange has the first and the last number of the lines of a batch.
type lineRange struct{ first, last int }

func newReports(imports models.Imports, i models.Import) reports {
	return reports{imports, i, map[int]models.ID{}, map[int]lineRange{}}
}

func (r reports) add(rows []models.ImportRow) {
	for _, row := range rows {
		r.books[row.Line] = row.BookID
	}
}

// book returns the book in the report of a line, or an empty id if the line has no book. It looks for the batch of the line
// by bisection.
func (r reports) book(ctx context.Context, line int) (models.ID, error) {
	for low, high := 0, r.job.NextBatch; low < high; {
		if id, found := r.books[line]; found {
			return id, nil
		}
		middle := (low + high) / 2
		lines, err := r.batch(ctx, middle)
		if err != nil {
			return "", err
		}
		if line < lines.first {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return r.books[line], nil
}

// batch reads the rows of a batch, unless it has read them before.
func (r reports) batch(ctx context.Context, number int) (lineRange, error) {
	lines, found := r.batches[number]
	if found {
		return lines, nil
	}
	b, err := r.imports.Batch(ctx, r.job.ID, number)
	if err != nil || len(b.Rows) == 0 {
		return lineRange{}, err
	}
	r.add(b.Rows)
	lines = lineRange{b.Rows[0].Line, b.Rows[len(b.Rows)-1].Line}
	r.batches[number] = lines
	return lines, nil
}
