package transfer

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"bookplate/models"
)

// books stores the books of the archive and their covers.
func (r *restoring) books() error {
	return r.archive.withCovers(r.ctx, coversFile, func(covers *coverReader) error {
		return fileRestorer[archivedBook]{
			name: booksFile, together: together,
			prepare: func(line int, record archivedBook) (storeFunc, error) {
				book, err := r.prepareBook(r.bookIDs.of(line), record, covers)
				return func(ctx context.Context) (outcome, error) { return r.createBook(ctx, book) }, err
			},
			pass: func(record archivedBook) error { return covers.skip(record.ID) },
		}.restore(r)
	})
}

// trash stores the books in the trash. Several of them may have the same title, so it stores them one after another. It runs
// before books, because a book outside of the trash may also have that title.
func (r *restoring) trash() error {
	trashed, err := r.trashed()
	if err != nil {
		return err
	}
	return r.archive.withCovers(r.ctx, trashCoversFile, func(covers *coverReader) error {
		return fileRestorer[archivedTrash]{
			name: trashFile, together: 1,
			prepare: func(line int, record archivedTrash) (storeFunc, error) {
				book, err := r.prepareBook(r.trashIDs.of(line), record.archivedBook, covers)
				return func(ctx context.Context) (outcome, error) {
					if trashed[trashKey{book.Title, record.TrashedAt.time().UnixMilli()}] {
						return r.trashedBefore(ctx, book)
					}
					return r.createTrash(ctx, book, record)
				}, err
			},
			pass: func(record archivedTrash) error { return covers.skip(record.ID) },
		}.restore(r)
	})
}

// preparedBook is a book of the archive that is ready to be stored.
type preparedBook struct {
	models.Book
	wrong string   // what is wrong with the title, so that the book cannot be stored; empty if nothing is
	left  []string // what was left out
}

// prepareBook converts a record to a book and stores the book's cover.
func (r *restoring) prepareBook(id models.ID, record archivedBook, covers *coverReader) (b preparedBook, err error) {
	picture, err := covers.of(record.ID)
	if err != nil {
		return b, err
	}
	b = r.newBook(id, record)
	if picture == nil || b.wrong != "" {
		return b, nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.Books.CoverBudget)
	defer cancel()
	b.Cover, err = r.Books.Covers.Add(ctx, r.user.ID, bytes.NewReader(picture))
	if models.CodeOf(err) == models.Invalid {
		b.left = append(b.left, "the cover is left out: "+clientText(err))
		return b, nil
	}
	return b, err
}

// newBook converts a record to a book without a cover. It leaves out fields with invalid values.
func (r *restoring) newBook(id models.ID, record archivedBook) (b preparedBook) {
	up := record.BookUpdate
	up.Cover = nil // a record cannot name a picture of this server
	for name, reason := range r.wrongFields(&up) {
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
	up.UpdatedAt = record.UpdatedAt.time()
	b.Book = up.Apply(models.Book{ID: id, UserID: r.user.ID, CreatedAt: record.CreatedAt.time()})
	return b
}

// wrongFields returns the invalid fields of a new book, with the reasons.
func (r *restoring) wrongFields(up *models.BookUpdate) models.Fields {
	wrong := models.Fields{}
	up.Check(r.Categories, func(name string, reason error) {
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
func (r *restoring) createBook(ctx context.Context, b preparedBook) (outcome, error) {
	if b.wrong != "" {
		return outcome{"", RestoreFailed, b.wrong}, nil
	}
	created := outcome{b.ID, RestoreCreated, strings.Join(b.left, "; ")}
	err := r.Store.Books().Create(ctx, b.Book)
	if models.CodeOf(err) != models.Conflict {
		return created, err
	}
	r.dropCover(ctx, b)
	exists, err := r.exists(ctx, b.ID)
	if err == nil && !exists {
		return outcome{"", RestoreSkipped, "the account has a book with this title"}, nil
	}
	return created, err
}

// dropCover deletes the cover of a book that could not be stored.
func (r *restoring) dropCover(ctx context.Context, b preparedBook) {
	if err := r.Books.Covers.Remove(ctx, b.Cover); err != nil {
		r.Books.Log.Warn("cannot delete a cover without a book", "cover", b.Cover.Name, "error", err)
	}
}

// exists reports whether the library or the trash has a book with this id.
func (r *restoring) exists(ctx context.Context, id models.ID) (bool, error) {
	_, err := r.Store.Books().Get(ctx, id)
	if models.CodeOf(err) == models.NotFound {
		_, err = r.Store.Trash().Get(ctx, id)
	}
	if models.CodeOf(err) == models.NotFound {
		return false, nil
	}
	return true, err
}

// trashKey identifies a book in the trash. The title alone would not, because several of these books may have the same title.
type trashKey struct {
	title     string
	trashedAt int64 // in milliseconds since 1970
}

// trashed returns the keys of the books in the account's trash.
func (r *restoring) trashed() (map[trashKey]bool, error) {
	trashed := map[trashKey]bool{}
	for b, err := range rows(fetchTrash(r.ctx, r.Books.Trash, r.user.ID)) {
		if err != nil {
			return nil, err
		}
		trashed[trashKey{b.Title, b.TrashedAt.UnixMilli()}] = true
	}
	return trashed, nil
}

// trashedBefore returns the outcome for a book that the account's trash already has. It counts as created if an earlier
// attempt has stored it, and is skipped if it was there before the import.
func (r *restoring) trashedBefore(ctx context.Context, b preparedBook) (outcome, error) {
	r.dropCover(ctx, b)
	exists, err := r.exists(ctx, b.ID)
	if err == nil && !exists {
		return outcome{"", RestoreSkipped, "the book is in the account's trash"}, nil
	}
	return outcome{b.ID, RestoreCreated, strings.Join(b.left, "; ")}, err
}

// createTrash stores a book and its reading record, and then moves the book to the trash.
func (r *restoring) createTrash(ctx context.Context, b preparedBook, record archivedTrash) (outcome, error) {
	o, err := r.createBook(ctx, b)
	if err != nil || o.result != RestoreCreated {
		return o, err
	}
	if record.Reading != nil {
		if err := record.Reading.check(); err != nil {
			o.reason = strings.Join(append(b.left, "the reading is left out: "+clientText(err)), "; ")
		} else if err := r.storeReading(ctx, b.ID, *record.Reading); err != nil {
			return o, err
		}
	}
	err = r.Store.Trash().Put(ctx, b.ID, r.user.ID, record.TrashedAt.time(), nil)
	if models.CodeOf(err) == models.NotFound {
		err = nil // an earlier attempt has moved it
	}
	return o, err
}
