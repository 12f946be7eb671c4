package transfer

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"bookplate/models"
)

func (a *archiveImport) prepareTrash(ctx context.Context, line models.ImportLine, record archivedTrash) (storeFunc, error) {
	if record.Reading != nil {
		if err := a.markReadings(ctx); err != nil {
			return nil, err
		}
	}
	trashed, err := a.inTrash(ctx)
	if err != nil {
		return nil, err
	}
	book, err := a.withCover(ctx, line, a.newBook(line.BookID, record.archivedBook))
	return func(ctx context.Context) (outcome, error) {
		if trashed[trashKeyOf(book.Title, record.TrashedAt.time())] {
			return a.trashedBefore(ctx, book)
		}
		return a.createTrash(ctx, line, book, record)
	}, err
}

// preparedBook is a book of the archive that is ready to be stored.
type preparedBook struct {
	models.Book
	fields models.BookUpdate // the valid fields
	wrong  string            // why the title is invalid and the book cannot be stored; empty if the title is valid
	left   []string          // the fields that were omitted, with the reasons
}

// prepareShown decides what to do with a book outside of the trash.
func (a *archiveImport) prepareShown(ctx context.Context, line models.ImportLine, record archivedBook) (storeFunc, error) {
	b, m := a.newBook(line.BookID, record), a.matches[line.BookID]
	o, _ := a.decide(b, m)
	var err error
	switch {
	case o.result == models.RowCreated:
		b, err = a.withCover(ctx, line, b)
		return func(ctx context.Context) (outcome, error) { return a.createBook(ctx, b) }, err
	case o.result == models.RowFailed || a.job.OnDuplicate != models.DuplicateUpdate:
		return func(context.Context) (outcome, error) { return o, nil }, nil
	case lacksCover(*m.book):
		b, err = a.withCover(ctx, line, b)
	}
	return func(ctx context.Context) (outcome, error) { return a.updateBook(ctx, b, m.book.ID) }, err
}

// withCover stores the picture in a line as the cover of the line's book.
func (a *archiveImport) withCover(ctx context.Context, line models.ImportLine, b preparedBook) (preparedBook, error) {
	picture, err := base64.StdEncoding.DecodeString(line.Cells[cellPicture])
	if err != nil || len(picture) == 0 || b.wrong != "" {
		return b, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.Books.CoverBudget)
	defer cancel()
	b.Cover, err = a.Books.Covers.Add(ctx, a.user.ID, bytes.NewReader(picture))
	if models.CodeOf(err) == models.Invalid {
		b.left = append(b.left, "the cover is left out: "+clientText(err))
		return b, nil
	}
	return b, err
}

// newBook converts a record to a book without a cover. It omits fields with invalid values.
func (a *archiveImport) newBook(id models.ID, record archivedBook) (b preparedBook) {
	up := record.BookUpdate
	up.Cover = nil // a record must not refer to a picture of this server
	for name, reason := range a.wrongFields(&up) {
		if name == "title" {
			b.wrong = "title " + reason
		}
		up.Omit(name)
		b.left = append(b.left, name+" is left out: it "+reason)
	}
	slices.Sort(b.left)
	if record.ImageURL != "" {
		b.left = append(b.left, "image_url is left out: it leads to another server")
	}
	b.fields = up
	up.UpdatedAt = record.UpdatedAt.time()
	b.Book = up.Apply(models.Book{ID: id, UserID: a.user.ID, CreatedAt: record.CreatedAt.time()})
	return b
}

// wrongFields returns the invalid fields of a new book, with the reasons.
func (a *archiveImport) wrongFields(up *models.BookUpdate) models.Fields {
	wrong := models.Fields{}
	up.Check(a.Categories, func(name string, reason error) {
		if reason != nil {
			wrong[name] = reason.Error()
		}
	})
	for name, value := range up.Changes() {
		if strings.ContainsRune(fmt.Sprint(value), 0) {
			wrong[name] = "must have no NUL character"
		}
	}
	if up.Title == nil {
		wrong["title"] = models.ErrRequired.Error()
	}
	return wrong
}

// createBook stores a book. If an earlier attempt has stored the book already, the outcome is the same.
func (a *archiveImport) createBook(ctx context.Context, b preparedBook) (outcome, error) {
	if b.wrong != "" {
		return outcome{"", models.RowFailed, b.wrong}, nil
	}
	created := outcome{b.ID, models.RowCreated, strings.Join(b.left, "; ")}
	err := a.Store.Books().Create(ctx, b.Book)
	if models.CodeOf(err) != models.Conflict {
		return created, err
	}
	a.dropCover(ctx, b)
	exists, err := a.exists(ctx, b.ID)
	if err == nil && !exists {
		return outcome{"", models.RowSkipped, titleTaken}, nil
	}
	return created, err
}

// dropCover deletes the cover of a book that could not be stored.
func (a *archiveImport) dropCover(ctx context.Context, b preparedBook) {
	if err := a.Books.Covers.Remove(ctx, b.Cover); err != nil {
		a.Books.Log.Warn("cannot delete a cover without a book", "cover", b.Cover.Name, "error", err)
	}
}

// exists reports whether the library or the trash has a book with this id.
func (a *archiveImport) exists(ctx context.Context, id models.ID) (bool, error) {
	_, err := a.Store.Books().Get(ctx, id)
	if models.CodeOf(err) == models.NotFound {
		_, err = a.Store.Trash().Get(ctx, id)
	}
	if models.CodeOf(err) == models.NotFound {
		return false, nil
	}
	return true, err
}

// trashKey identifies a book in the trash. It has the time because several books in the trash may have the same title.
type trashKey struct {
	title     string
	trashedAt int64 // in milliseconds since 1970
}

func trashKeyOf(title string, at time.Time) trashKey { return trashKey{title, at.UnixMilli()} }

// inTrash returns the keys of the books that were in the account's trash before these lines were imported.
func (a *archiveImport) inTrash(ctx context.Context) (map[trashKey]bool, error) {
	if a.trashed != nil {
		return a.trashed, nil
	}
	a.trashed = map[trashKey]bool{}
	for b, err := range rows(fetchTrash(ctx, a.Store.Trash(), a.user.ID)) {
		if err != nil {
			return nil, err
		}
		a.trashed[trashKeyOf(b.Title, b.TrashedAt)] = true
	}
	return a.trashed, nil
}

// trashedBefore returns the outcome for a book that is in the account's trash already. The book counts as created if an
// earlier attempt of this import has stored it. Otherwise it is skipped.
func (a *archiveImport) trashedBefore(ctx context.Context, b preparedBook) (outcome, error) {
	a.dropCover(ctx, b)
	exists, err := a.exists(ctx, b.ID)
	if err == nil && !exists {
		return outcome{"", models.RowSkipped, trashedAlready}, nil
	}
	return outcome{b.ID, models.RowCreated, strings.Join(b.left, "; ")}, err
}

// createTrash stores a book with everything that the trash keeps for it, and then moves the book to the trash.
func (a *archiveImport) createTrash(
	ctx context.Context, line models.ImportLine, b preparedBook, record archivedTrash,
) (outcome, error) {
	o, err := a.createBook(ctx, b)
	if err != nil || o.result != models.RowCreated {
		return o, err
	}
	left, err := a.storeKept(ctx, line, record)
	if err != nil {
		return o, err
	}
	o.reason = strings.Join(append(b.left, left...), "; ")
	err = a.Store.Trash().Put(ctx, b.ID, a.user.ID, record.TrashedAt.time(), nil)
	if models.CodeOf(err) == models.NotFound {
		err = nil // an earlier attempt has moved the book
	}
	return o, err
}

// storeKept stores the reading record, the loans and the places of a book that goes to the trash. It returns what it has
// left out, with the reasons.
func (a *archiveImport) storeKept(ctx context.Context, line models.ImportLine, record archivedTrash) (left []string, err error) {
	book := line.BookID
	type part struct {
		name string
		err  error
	}
	var parts []part
	if record.Reading != nil {
		parts = append(parts, part{"the reading", a.storeReading(ctx, book, *record.Reading)})
	}
	for i, l := range record.Loans {
		id := strings.Fields(line.Cells[cellLoans])[i]
		parts = append(parts, part{"a loan", a.storeLoan(ctx, models.ID(id), book, l.loanFields)})
	}
	for _, p := range record.Shelves {
		parts = append(parts, part{"the shelf " + p.Shelf, a.storePlace(ctx, book, p.Shelf, p.Place)})
	}
	for _, p := range parts {
		if p.err == nil {
			continue
		}
		o, err := ofError(book, p.err, missingBook)
		if err != nil {
			return nil, err
		}
		left = append(left, p.name+" is left out: "+o.reason)
	}
	return left, nil
}
