package library

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bookplate/models"
)

// Similar returns books of the same owner that are similar to b, the oldest first and at most models.MaxSimilar.
func (l *Books) Similar(ctx context.Context, b models.Book) ([]models.Book, error) {
	return l.Store.Similar(ctx, b)
}

// Duplicates returns a page of an owner's groups of similar books.
func (l *Books) Duplicates(ctx context.Context, f models.DuplicateFilter) ([]models.BookGroup, error) {
	return l.Store.Duplicates(ctx, f)
}

// Merge merges other books into b, which Editable returned, and returns the merged book. from has the ids of the other
// books. All books must have the same owner. If the owner is not the actor, the audit log records the merge.
//
// The error is Invalid if from is not a valid list, NotFound if the owner does not have all of the books, and Conflict
// if another book of the owner has the title, the authors and the ISBN that the merged book would get. If a merge was
// interrupted, the same call completes it.
func (l *Books) Merge(ctx context.Context, actor models.Actor, b models.Book, from []models.ID) (models.Book, error) {
	if err := checkMerge(b.ID, from); err != nil {
		return models.Book{}, models.InvalidField("from", err)
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.auditEdit(ctx, actor, b, mergeDetail(from)); err != nil {
		return models.Book{}, err
	}
	kept, covers, err := l.Store.Merge(ctx, models.Merge{ID: b.ID, Owner: b.UserID, From: from, At: l.Now()})
	if err != nil {
		return models.Book{}, err
	}
	for _, cover := range covers {
		l.deleteCover(ctx, &cover)
	}
	return kept, nil
}

// mergeDetail returns the text that the audit log records for a merge.
func mergeDetail(from []models.ID) string {
	detail := "merge"
	for _, id := range from {
		detail += " " + string(id)
	}
	return detail
}

// checkMerge returns an error if the books in from cannot be merged into book.
func checkMerge(book models.ID, from []models.ID) error {
	switch {
	case len(from) == 0:
		return models.ErrRequired
	case len(from) > models.MaxMerge:
		return fmt.Errorf("must be at most %d", models.MaxMerge)
	case slices.Contains(from, book):
		return errors.New("must not have the book itself")
	}
	return nil
}
