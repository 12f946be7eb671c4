package jobs

import (
	"context"
	"errors"

	"bookplate/covers"
)

const sweepLease = "sweep of covers"

// sweepCovers deletes pictures without a book, unless another copy of the server is doing so.
func (j Jobs) sweepCovers(ctx context.Context, holder string) error {
	removed := 0
	err := j.alone(ctx, sweepLease, holder, leaseTime, func() (err error) {
		removed, err = j.Covers.Sweep(ctx, j.Store.Books(), j.Now())
		return err
	})
	if removed > 0 {
		j.Log.Info("deleted pictures without a book", "pictures", removed)
	}
	if errors.Is(err, covers.ErrTooManyOrphans) {
		j.Log.Warn("pictures that may be another library's were not deleted: check that DATABASE_URL and COVERS_URL belong "+
			"together, and that no other library stores its covers in the same place; bookplate covers check --repair deletes "+
			"them anyway",
			"error", err)
		return nil
	}
	return err
}
