package jobs

import (
	"context"
	"errors"
	"time"

	"bookplate/covers"
)

const (
	sweepLease = "sweep of covers"

	// sweepLeaseTime is how long other copies of the server wait if one dies during a sweep. It is longer than a sweep of
	// a million pictures takes. Two sweeps at once do no harm.
	sweepLeaseTime = 10 * time.Minute
)

// sweepCovers deletes pictures without a book, unless another copy of the server is doing so.
func (j Jobs) sweepCovers(ctx context.Context, holder string) error {
	removed := 0
	err := j.alone(ctx, sweepLease, holder, sweepLeaseTime, func() (err error) {
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
