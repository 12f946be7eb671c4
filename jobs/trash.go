package jobs

import (
	"context"
	"time"

	"bookplate/library"
	"bookplate/models"
)

const (
	trashLease = "old books in the trash"

	// trashLeaseTime is how long the other copies of the server wait before they take over from one that dies. It does no
	// harm if two of them run this job at once.
	trashLeaseTime = 10 * time.Minute
)

// emptyTrash deletes the books that have been in the trash for at least TrashTTL, and their covers.
func (j Jobs) emptyTrash(ctx context.Context, holder string) error {
	books := library.Books{Store: j.Store.Books(), Trash: j.Store.Trash(), Covers: j.Covers}
	return j.alone(ctx, trashLease, holder, trashLeaseTime, func() error {
		return books.EmptyTrash(ctx, models.TrashFilter{Until: j.Now().Add(-j.TrashTTL)})
	})
}
