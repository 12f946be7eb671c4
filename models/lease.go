package models

import (
	"context"
	"time"
)

// Leases make sure that only one server at a time does a job.
type Leases interface {
	// Take acquires or extends the named lease until a time, and reports whether the holder has it. It returns false if
	// another holder has the lease and it has not expired.
	Take(ctx context.Context, name, holder string, now, until time.Time) (bool, error)
	// Release ends a lease before it expires. It does nothing if the holder does not have the lease.
	Release(ctx context.Context, name, holder string) error
}
