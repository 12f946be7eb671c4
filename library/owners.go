package library

import (
	"context"
	"maps"
	"slices"

	"bookplate/models"
)

// Owners adds the names of the owners to books.
type Owners struct {
	Users models.Users
}

// Attach sets the field OwnerName of each book that is not the user's own. If there is no such book, it does not call
// the store.
func (l *Owners) Attach(ctx context.Context, user models.User, books []*models.Book) error {
	names := map[models.ID]string{}
	for _, b := range books {
		if b.UserID != user.ID {
			names[b.UserID] = ""
		}
	}
	if len(names) == 0 {
		return nil
	}
	owners, err := l.Users.Of(ctx, slices.Collect(maps.Keys(names)))
	if err != nil {
		return err
	}
	for _, owner := range owners {
		names[owner.ID] = owner.PublicName()
	}
	for _, b := range books {
		b.OwnerName = names[b.UserID]
	}
	return nil
}
