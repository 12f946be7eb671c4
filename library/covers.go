package library

import (
	"context"
	"errors"
	"os"

	"bookplate/covers"
	"bookplate/models"
)

// addCover stores the cover in a file. It returns nil for a nil file.
func (l *Books) addCover(ctx context.Context, file *os.File) (*models.Cover, error) {
	if file == nil {
		return nil, nil //nolint:nilnil // no file, no cover, no error
	}
	ctx, cancel := context.WithTimeout(ctx, l.CoverBudget)
	defer cancel()
	cover, err := l.Covers.Add(ctx, file)
	if err != nil {
		return nil, err
	}
	return &cover, nil
}

// dropCover deletes the cover of a book that was certainly not stored. After other errors the database may have the row,
// because only the answer was lost; then the sweep decides.
func (l *Books) dropCover(ctx context.Context, cover *models.Cover, err error) {
	switch models.CodeOf(err) {
	case models.Conflict, models.NotFound, models.TokenInvalid, models.Invalid:
		l.deleteCover(ctx, cover)
	}
}

// deleteCover deletes a cover that no book has. A failure is only logged, and left to the sweep.
func (l *Books) deleteCover(ctx context.Context, cover *models.Cover) {
	if cover == nil {
		return
	}
	if err := l.Covers.Remove(ctx, *cover); err != nil {
		l.Log.Warn("cannot delete a cover without a book", "cover", cover.Name, "error", err)
	}
}

// eraseBatch is how many books are deleted at a time, so that other writers get their turn in between. An interrupted
// batch leaves at most half of the covers that the sweep always deletes; the other half is for uploads.
const eraseBatch = covers.OrphanAllowance / 2

// DeleteOwned deletes an owner's books, and each one's cover after its row. If covers cannot be deleted, it stops after
// their batch, and the sweep deletes them.
func (l *Books) DeleteOwned(ctx context.Context, owner models.ID) error {
	for {
		gone, err := l.Store.DeleteOwned(ctx, owner, eraseBatch)
		if err != nil {
			return err
		}
		for _, book := range gone {
			err = errors.Join(err, l.Covers.Remove(ctx, book.Cover))
		}
		if err != nil || len(gone) < eraseBatch {
			return err
		}
	}
}
