package models

import (
	"context"
	"time"
)

// Leases make sure that only one copy of the server at a time does a job.
type Leases interface {
	// Take acquires or extends the lease with that name until a time, and reports whether the holder has it. It returns
	// false while the lease belongs to another holder and has not expired.
	Take(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
	// Release ends a lease before it expires. It does nothing if the holder does not have the lease.
	Release(ctx context.Context, name, holder string) error
}
