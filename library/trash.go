package library

import (
	"context"
	"fmt"

	"bookplate/models"
)

// MoveToTrash moves a book that Editable returned to its owner's trash. If the book is not the actor's own, the audit
// log records the move. The error is NotFound if the book was deleted meanwhile, and models.ErrVersion if the book does
// not have one of the versions in ifVersion.
func (l *Books) MoveToTrash(ctx context.Context, actor models.Actor, b models.Book, ifVersion models.Versions) error {
	if !ifVersion.Match(b.Version) {
		return models.ErrVersion
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.auditEdit(ctx, actor, b, "trash"); err != nil {
		return err
	}
	return l.Trash.Put(ctx, b.ID, b.UserID, l.Now(), ifVersion)
}

// Restore moves a book from the trash back to its owner's books. The audit log records it unless the actor is the
// owner. The error is NotFound unless the actor is the owner or may edit all books. It is Conflict if the owner now has
// another book with the same title.
func (l *Books) Restore(ctx context.Context, actor models.Actor, id models.ID) (models.Book, error) {
	b, err := l.Trash.Get(ctx, id)
	if err != nil {
		return models.Book{}, err
	}
	if !mayEdit(actor, b) {
		return models.Book{}, &models.Error{Code: models.NotFound}
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.auditEdit(ctx, actor, b, "restore"); err != nil {
		return models.Book{}, err
	}
	restored, err := l.Trash.Restore(ctx, id, b.UserID)
	if models.CodeOf(err) == models.Conflict {
		return models.Book{}, titleInUse(b).WithCause(err)
	}
	return restored, err
}

// titleInUse returns the error for a book that cannot be restored because its owner has another book with its title.
func titleInUse(b models.Book) *models.Error {
	return &models.Error{Code: models.Conflict, Name: models.TitleTaken, Detail: fmt.Sprintf(
		"there is another book with the title %q by now: rename it or move it to the trash, and then restore this one", b.Title,
	)}
}

// DeleteTrashed deletes a book in the owner's trash, and its cover. The error is NotFound if the book is not in that
// trash.
func (l *Books) DeleteTrashed(ctx context.Context, id, owner models.ID) error {
	ctx = context.WithoutCancel(ctx)
	b, err := l.Trash.Delete(ctx, id, owner)
	if err != nil {
		return err
	}
	l.deleteCover(ctx, &b.Cover)
	return nil
}

// EmptyTrash deletes the books in the trash that match the filter, and their covers. The errors are those of DeleteOwned.
func (l *Books) EmptyTrash(ctx context.Context, f models.TrashFilter) error {
	return l.deleteAll(ctx, func(limit int) ([]models.Book, error) {
		f.Limit = limit
		return l.Trash.DeleteAll(ctx, f)
	})
}
