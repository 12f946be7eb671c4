package models

import (
	"context"
	"time"
)

// Tally is a count of limited events.
type Tally struct {
	Count     int
	At        time.Time // the last event, or the time from which the count decreases
	ExpiresAt time.Time // after this time the tally counts as zero
}

// Current returns the tally as of now, or the zero Tally if it has expired. If the clock was set back, the last event
// may be in the future. Current then moves the tally's times back until the last event is at now.
func (t Tally) Current(now time.Time) Tally {
	if ahead := t.At.Sub(now); ahead > 0 {
		t.At, t.ExpiresAt = now, t.ExpiresAt.Add(-ahead)
	}
	if !t.ExpiresAt.After(now) {
		return Tally{}
	}
	return t
}

// Throttles stores tallies by key. All servers share them, so a limit holds for all servers together.
type Throttles interface {
	// Get returns the tallies of these keys in the same order, even if they have expired. For a key without a tally it
	// returns the zero Tally.
	Get(ctx context.Context, keys ...string) ([]Tally, error)
	// Change atomically replaces a key's tally by the result of change, even with concurrent calls on several servers.
	// It may call change more than once. If change returns the zero Tally, Change deletes the key.
	Change(ctx context.Context, key string, change func(Tally) Tally) error
	// DeleteExpired deletes the tallies that expired before now and returns their number.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}
