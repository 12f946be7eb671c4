// Package library implements the rules of books with their covers, shelves, readings and loans. It does not depend on
// HTTP.
package library

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"time"

	"bookplate/covers"
	"bookplate/models"
)

// Audit records actions on other people's data. Package accounts implements it.
type Audit interface {
	Note(ctx context.Context, actor models.Actor, action models.Action, target models.ID, detail string) error
}

// Books implements the rules of books and their covers. A write finishes even if the caller's context is cancelled
// meanwhile.
//
// A new cover is stored before the book, and an old cover is deleted after the book. So a crash may leave a cover
// without a book, which the sweep deletes, but no book without its cover.
type Books struct {
	Store       models.Books
	Trash       models.Trash
	Covers      *covers.Covers
	CoverBudget time.Duration // how long adding a cover may take, including the wait for memory
	Audit       Audit
	Log         *slog.Logger
	Now         func() time.Time

	// OwnersOnly hides books from all users except their owners and librarians.
	OwnersOnly bool
}

// visible reports whether a user may see the books of an owner.
func (l *Books) visible(user models.User, owner models.ID) bool {
	return !l.OwnersOnly || user.ID == owner || user.Role.CanEditBooks()
}

// Get returns a book of any owner. The error is NotFound if there is none that the user may see.
func (l *Books) Get(ctx context.Context, user models.User, id models.ID) (models.Book, error) {
	b, err := l.Store.Get(ctx, id)
	if err == nil && !l.visible(user, b.UserID) {
		return models.Book{}, &models.Error{Code: models.NotFound}
	}
	return b, err
}

// narrow limits a filter to books that the user may see.
func (l *Books) narrow(user models.User, f models.BookFilter) models.BookFilter {
	if f.UserID == "" && !l.visible(user, "") {
		f.UserID = user.ID
	}
	return f
}

// List returns a page of the books that the user may see.
func (l *Books) List(ctx context.Context, user models.User, f models.BookFilter) ([]models.Book, error) {
	return l.Store.List(ctx, l.narrow(user, f))
}

// Count returns the number of books that match the filter and that the user may see.
func (l *Books) Count(ctx context.Context, user models.User, f models.BookFilter) (int64, error) {
	return l.Store.Count(ctx, l.narrow(user, f))
}

// Facets returns the facets of the books that match the filter and that the user may see.
func (l *Books) Facets(ctx context.Context, user models.User, f models.BookFilter) (models.Facets, error) {
	return l.Store.Facets(ctx, l.narrow(user, f))
}

// Editable returns a book that the actor may edit: their own, or any book if their role allows it. For other books the
// error is NotFound.
func (l *Books) Editable(ctx context.Context, actor models.Actor, id models.ID) (models.Book, error) {
	b, err := l.Store.Get(ctx, id)
	if err != nil {
		return models.Book{}, err
	}
	if !mayEdit(actor, b) {
		return models.Book{}, &models.Error{Code: models.NotFound}
	}
	return b, nil
}

// mayEdit reports whether the actor may edit a book.
func mayEdit(actor models.Actor, b models.Book) bool {
	return b.UserID == actor.User.ID || actor.User.Role.CanEditBooks()
}

// Create adds a book for an owner. If file is not nil, it becomes the book's cover. If id is empty, the book gets a new
// id. If a book with this id exists, an earlier attempt of the same request has created it, and Create returns that
// book.
//
// The error is Conflict if the owner has another book with the same title. Errors of the cover are those of
// covers.Covers.Add.
func (l *Books) Create(
	ctx context.Context, id, owner models.ID, fields models.BookUpdate, file *os.File,
) (b models.Book, err error) {
	if id != "" {
		if earlier, err := l.Store.Get(ctx, id); models.CodeOf(err) != models.NotFound {
			return earlier, err
		}
	}
	if fields.Cover, err = l.addCover(ctx, owner, file); err != nil {
		return models.Book{}, err
	}
	ctx, fields.UpdatedAt = context.WithoutCancel(ctx), l.Now()
	b = fields.Apply(models.Book{
		ID: cmp.Or(id, models.NewID(fields.UpdatedAt)), UserID: owner, CreatedAt: fields.UpdatedAt,
	})
	if err := l.Store.Create(ctx, b); err != nil {
		l.dropCover(ctx, fields.Cover, err)
		return models.Book{}, err
	}
	return b, nil
}

// CreateAll adds books without covers for an owner. Their ids must be set. It sets the times of the books. It skips the
// books for which Create would return Conflict, and returns their positions.
func (l *Books) CreateAll(ctx context.Context, owner models.ID, list []models.Book) (conflicts []int, err error) {
	now := l.Now()
	for i := range list {
		list[i].CreatedAt, list[i].UpdatedAt = now, now
	}
	return l.Store.CreateAll(context.WithoutCancel(ctx), owner, list)
}

// CreateFound is like Create, but for a book whose fields and cover were looked up. If the file cannot be made into a
// cover, the book is added without one, because the user did not choose the file.
func (l *Books) CreateFound(
	ctx context.Context, id, owner models.ID, fields models.BookUpdate, file *os.File,
) (models.Book, error) {
	b, err := l.Create(ctx, id, owner, fields, file)
	if file == nil || models.CodeOf(err) != models.Invalid {
		return b, err
	}
	l.Log.Warn("cannot use a cover that was looked up; the book is stored without it", "error", err)
	return l.Create(ctx, id, owner, fields, nil)
}

// Edit changes a book that Editable returned. If file is not nil, it replaces the cover. If the book is not the actor's
// own, Edit records the change in the audit log. The errors are those of Create, NotFound if the book was deleted
// meanwhile, and models.ErrVersion if the book does not have a version in up.IfVersion.
func (l *Books) Edit(
	ctx context.Context, actor models.Actor, b models.Book, up models.BookUpdate, file *os.File,
) (_ models.Book, err error) {
	if !up.IfVersion.Match(b.Version) {
		return models.Book{}, models.ErrVersion // returns early to avoid decoding the cover
	}
	if file != nil {
		if up.Cover, err = l.addCover(ctx, actor.User.ID, file); err != nil {
			return models.Book{}, err
		}
	}
	ctx, up.UpdatedAt = context.WithoutCancel(ctx), l.Now()
	if err := l.auditEdit(ctx, actor, b, up.Fields()); err != nil {
		l.deleteCover(ctx, up.Cover)
		return models.Book{}, err
	}
	before, after, err := l.Store.Update(ctx, b.ID, b.UserID, up)
	if err != nil {
		l.dropCover(ctx, up.Cover, err)
		return models.Book{}, err
	}
	if up.Cover != nil {
		l.deleteCover(ctx, &before.Cover)
	}
	return after, nil
}

// auditEdit records a change of a book in the audit log, unless the book is the actor's own.
func (l *Books) auditEdit(ctx context.Context, actor models.Actor, b models.Book, what string) error {
	if b.UserID == actor.User.ID {
		return nil
	}
	return l.Audit.Note(ctx, actor, models.ActionChangeBook, b.ID, what)
}

// DeleteCover removes the cover of a book that Editable returned. The errors are those of Edit.
func (l *Books) DeleteCover(ctx context.Context, actor models.Actor, b models.Book, ifVersion models.Versions) error {
	_, err := l.Edit(ctx, actor, b, models.BookUpdate{Cover: &models.Cover{}, IfVersion: ifVersion}, nil)
	return err
}

// Delete deletes a book of the owner, and its cover. The error is NotFound if the owner has no such book, and
// models.ErrVersion if the book does not have one of the versions in ifVersion.
func (l *Books) Delete(ctx context.Context, id, owner models.ID, ifVersion models.Versions) error {
	ctx = context.WithoutCancel(ctx)
	b, err := l.Store.Delete(ctx, id, owner, ifVersion)
	if err != nil {
		return err
	}
	l.deleteCover(ctx, &b.Cover)
	return nil
}
