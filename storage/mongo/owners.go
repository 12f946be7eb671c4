package mongo

import (
	"context"

	"bookplate/models"
)

// keepIfOwned looks for the owner of what was just stored, and takes that back if there is no such account. Without a
// transaction it has to be in this order: who erases an account looks for what it owned once the account is deleted, and
// so either finds this, or had deleted the account before it was looked for here.
func (s *Store) keepIfOwned(ctx context.Context, owner models.ID, takeBack func() error) error {
	_, err := s.Users().Get(ctx, owner)
	if models.CodeOf(err) != models.NotFound {
		return err
	}
	if failed := takeBack(); failed != nil && models.CodeOf(failed) != models.NotFound {
		return failed
	}
	return err
}
