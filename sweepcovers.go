package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"bookplate/covers"
)

// leaseHolder is this process, among the copies of the server.
var leaseHolder = rand.Text()

const (
	sweepLease = "sweep of covers"

	// sweepLeaseTime is how long a copy that dies at it keeps the others from sweeping: longer than a sweep of a
	// million pictures takes. Should one take longer, two at once do no harm.
	sweepLeaseTime = 10 * time.Minute
)

// sweepCovers removes pictures that no book names. Of several copies of the server, one at a time does.
func sweepCovers(ctx context.Context, stores *stores, log *slog.Logger) error {
	mine, err := stores.Leases().Take(ctx, sweepLease, leaseHolder, now(), now().Add(sweepLeaseTime))
	if err != nil || !mine {
		return err
	}
	removed, err := stores.covers.Sweep(ctx, stores.Books(), now())
	err = errors.Join(err, stores.Leases().Release(context.WithoutCancel(ctx), sweepLease, leaseHolder))
	if removed > 0 {
		log.Info("pictures that no book names were removed", "pictures", removed)
	}
	if errors.Is(err, covers.ErrTooManyOrphans) {
		log.Warn("no pictures were removed: check that DATABASE_URL and COVERS_URL belong together, and that no other "+
			"library keeps its covers in the same place; bookplate covers check --repair removes them all the same",
			"error", err)
		return nil
	}
	return err
}
