package mongo

import (
	"context"

	"bookplate/models"
)

// keepIfOwned is called after a document was stored. It checks that the owner's account still exists. If not, it calls
// undo, which must delete the document, and returns models.ErrNoAccount.
//
// An account is deleted before its documents. So if a document is stored at the same time, either the deletion finds it
// or the check fails, and no transaction is needed. If ctx is cancelled, the check and undo run anyway, because nothing
// else would delete the document.
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
