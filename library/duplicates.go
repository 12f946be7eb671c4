package library

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bookplate/models"
)

// Similar returns the oldest of the owner's other books that are similar to b.
func (l *Books) Similar(ctx context.Context, b models.Book) ([]models.Book, error) {
	return l.Store.Similar(ctx, b)
}

// Duplicates returns a page of the groups of similar books of one owner.
func (l *Books) Duplicates(ctx context.Context, f models.DuplicateFilter) ([]models.BookGroup, error) {
	return l.Store.Duplicates(ctx, f)
}

// Merge merges books into a book that Editable returned, and returns that book. All books must be of its owner. It records
// a merge of somebody else's books in the audit log. The error is Invalid for a wrong list of books, NotFound if the owner
// has not all of them, and Conflict if the owner has yet another book with the title that the book would have. A merge that
// was interrupted is completed by the same call; what was merged before is skipped.
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

// mergeDetail returns what the audit log records about a merge.
func mergeDetail(from []models.ID) string {
	detail := "merge"
	for _, id := range from {
		detail += " " + string(id)
	}
	return detail
}

// checkMerge returns what is wrong with a list of books to merge into a book, or nil.
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
