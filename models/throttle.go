package models

import (
	"context"
	"time"
)

// Tally counts limited events. The zero Tally counts none.
type Tally struct {
	Count     int
	At        time.Time // the last event, or the time from which the count decreases
	ExpiresAt time.Time // when the tally becomes the zero Tally
}

// Current returns the tally as of now, or the zero Tally if it has expired. If a clock was set back, the last event may
// be in the future. Current then moves the whole tally back, so that the last event is at now.
func (t Tally) Current(now time.Time) Tally {
	if ahead := t.At.Sub(now); ahead > 0 {
		t.At, t.ExpiresAt = now, t.ExpiresAt.Add(-ahead)
	}
	if !t.ExpiresAt.After(now) {
		return Tally{}
	}
	return t
}

// Throttles stores tallies by key. All copies of the server share them, so that limits hold for all copies together.
type Throttles interface {
	// Get returns the tallies of these keys in the same order. It also returns tallies that have expired. For a key
	// without a tally it returns the zero Tally.
	Get(ctx context.Context, keys ...string) ([]Tally, error)
	// Change replaces a key's tally by the result of change. This is atomic: concurrent calls on all copies of the
	// server are applied one after the other. Change may call change more than once. If change returns the zero Tally,
	// the key is deleted.
	Change(ctx context.Context, key string, change func(Tally) Tally) error
	// DeleteExpired deletes the tallies that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
