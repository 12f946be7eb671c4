package mongo

import (
	"context"

	"bookplate/models"
)

// keepIfOwned checks that the owner of a document that was just stored has an account. If not, it calls undo, which has to
// delete the document, and returns models.ErrNoAccount. An account is deleted before its documents, and here the document
// is stored before the check. So without a transaction either the deletion finds the document or the check fails. Both
// the check and undo ignore the cancellation of ctx, because nothing else would delete the document.
func (s *Store) keepIfOwned(ctx context.Context, owner models.ID, undo func(ctx context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	_, err := s.Users().Get(ctx, owner)
	if models.CodeOf(err) != models.NotFound {
		return err
	}
	if err := undo(ctx); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return models.ErrNoAccount
}
