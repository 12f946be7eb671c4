package library

import (
	"context"
	"errors"
	"os"

	"bookplate/covers"
	"bookplate/models"
)

// addCover makes a cover from an uploaded file and stores it. It returns nil for a nil file.
func (l *Books) addCover(ctx context.Context, account models.ID, file *os.File) (*models.Cover, error) {
	if file == nil {
		return nil, nil //nolint:nilnil // no file is not an error
	}
	ctx, cancel := context.WithTimeout(ctx, l.CoverBudget)
	defer cancel()
	cover, err := l.Covers.Add(ctx, account, file)
	if err != nil {
		return nil, err
	}
	return &cover, nil
}

// dropCover deletes the cover of a new book if the error proves that the book was not stored. After other errors the
// book may be stored, so the cover stays. If no book has the cover, the sweep deletes it.
func (l *Books) dropCover(ctx context.Context, cover *models.Cover, err error) {
	switch models.CodeOf(err) {
	case models.Conflict, models.PreconditionFailed, models.NotFound, models.TokenInvalid, models.Invalid:
		l.deleteCover(ctx, cover)
	}
}

// deleteCover deletes a cover that no book has any more. In a batch, it does so after the batch is stored. It logs a
// failure and returns no error, because the sweep deletes the cover later.
func (l *Books) deleteCover(ctx context.Context, cover *models.Cover) {
	if cover == nil {
		return
	}
	afterwards(ctx, func(ctx context.Context) {
		if err := l.removeCover(ctx, *cover); err != nil {
			l.Log.Warn("cannot delete a cover without a book", "cover", cover.Name, "error", err)
		}
	})
}

// removeCover deletes a cover unless a book has it. After an interrupted merge, two books may have the same cover.
func (l *Books) removeCover(ctx context.Context, cover models.Cover) error {
	if cover.Name == "" {
		return nil
	}
	used, err := l.Store.Covers(ctx, []string{cover.Name})
	if err != nil || len(used) > 0 {
		return err
	}
	return l.Covers.Remove(ctx, cover)
}

// eraseBatch is the number of books that are deleted at a time. Other writes run between the batches. An interrupted
// batch leaves at most this many orphaned covers. That is half of the orphans that the sweep always deletes; the other
// half is for interrupted uploads.
const eraseBatch = covers.OrphanAllowance / 2

// DeleteOwned deletes all books of an owner, including those in the trash, and then their covers. If a cover cannot be
// deleted, DeleteOwned finishes the current batch and returns the error. The sweep deletes the cover later.
func (l *Books) DeleteOwned(ctx context.Context, owner models.ID) error {
	err := l.deleteAll(ctx, func(limit int) ([]models.Book, error) { return l.Store.DeleteOwned(ctx, owner, limit) })
	if err != nil {
		return err
	}
	return l.EmptyTrash(ctx, models.TrashFilter{UserID: owner})
}

// deleteAll calls deleteBatch until no books are left, and deletes the covers of the books after each call. deleteBatch
// deletes up to limit books and returns them. The errors are those of DeleteOwned.
func (l *Books) deleteAll(ctx context.Context, deleteBatch func(limit int) ([]models.Book, error)) error {
	for {
		gone, err := deleteBatch(eraseBatch)
		if err != nil {
			return err
		}
		for _, book := range gone {
			err = errors.Join(err, l.removeCover(ctx, book.Cover))
		}
		if err != nil || len(gone) < eraseBatch {
			return err
		}
	}
}
