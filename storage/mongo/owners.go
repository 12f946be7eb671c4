package mongo

import (
	"context"

	"bookplate/models"
)

// keepIfOwned looks for the owner of what was just stored, and takes that back if there is no such account. Without a
// transaction it has to be in this order: who erases an account looks for what it owned once the account is deleted,
// and so either finds this, or had deleted the account before it was looked for here. It goes on when the caller has
// gone: nobody else takes it back.
func (s *Store) keepIfOwned(ctx context.Context, owner models.ID, takeBack func(ctx context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	_, err := s.Users().Get(ctx, owner)
	if models.CodeOf(err) != models.NotFound {
		return err
	}
	if err := takeBack(ctx); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return models.ErrNoAccount
}
