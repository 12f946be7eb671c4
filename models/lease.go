package models

import (
	"context"
	"time"
)

// Leases let one copy of the server at a time do what all of them would.
type Leases interface {
	// Take takes the lease of that name for a holder until some time, and says whether it got it: nobody else holds it, or
	// whoever did has not taken it again by now.
	Take(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
	// Release gives a lease back before its time. One that is not the holder's, or not there, is left as it is.
	Release(ctx context.Context, name, holder string) error
}
