package jobs

import (
	"context"

	"bookplate/library"
	"bookplate/models"
)

const trashLease = "old books in the trash"

// emptyTrash deletes the books that have been in the trash for at least TrashTTL, and their covers.
func (j Jobs) emptyTrash(ctx context.Context, holder string) error {
	books := library.Books{Store: j.Store.Books(), Trash: j.Store.Trash(), Covers: j.Covers}
	return j.alone(ctx, trashLease, holder, leaseTime, func() error {
		return books.EmptyTrash(ctx, models.TrashFilter{Until: j.Now().Add(-j.TrashTTL)})
	})
}
