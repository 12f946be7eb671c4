package models

import (
	"context"
	"time"
)

// Tally is how often something has happened that is limited. The zero Tally is that of what has not.
type Tally struct {
	Count     int
	At        time.Time // of the last time, or from when on the count declines
	ExpiresAt time.Time // from then on the tally says as much as none
}

// forgotten is the tally as it counts now: none once it has expired.
func (t Tally) forgotten(now time.Time) Tally {
	if !t.ExpiresAt.After(now) {
		return Tally{}
	}
	return t
}

// Throttles keeps tallies, by key. All copies of the server share them, so that none has to be asked twice as often to
// let twice as much pass.
type Throttles interface {
	// Get returns the tallies of these keys, in their order, expired ones included; of a key without one, the zero Tally.
	Get(ctx context.Context, keys ...string) ([]Tally, error)

	// Change makes of a key's tally what change returns, atomically: of changes that come at the same time, on whatever
	// copy of the server, each starts from what the one before has made. So change may be called more than once. A tally
	// that is changed to the zero Tally is gone.
	Change(ctx context.Context, key string, change func(Tally) Tally) error

	// DeleteExpired removes the tallies that expired before now and says how many there were.
	DeleteExpired(ctx context.Context, now time.Time) (int64, error)
}

// Limit is how often something may happen: N times at once, and N times again in the course of every Per.
type Limit struct {
	N   int
	Per time.Duration
}

func (l Limit) every() time.Duration { return l.Per / time.Duration(l.N) }

// declined is the tally without what has been long enough ago to be allowed again.
func (l Limit) declined(t Tally, now time.Time) Tally {
	t = t.forgotten(now)
	if n := now.Sub(t.At) / l.every(); t.Count > 0 && n > 0 {
		t.Count -= int(n)
		t.At = t.At.Add(n * l.every())
	}
	return t
}

// Wait is how long until it may happen again; nothing or less if it may.
func (l Limit) Wait(t Tally, now time.Time) time.Duration {
	t = l.declined(t, now)
	if t.Count < l.N {
		return 0
	}
	return t.At.Add(time.Duration(t.Count-l.N+1) * l.every()).Sub(now)
}

// Add counts one more time, even where there was no room for it: what has happened at the same time is waited for, too.
func (l Limit) Add(t Tally, now time.Time) Tally {
	t = l.declined(t, now)
	if t.Count == 0 {
		t.At = now
	}
	t.Count++
	t.ExpiresAt = t.At.Add(time.Duration(t.Count) * l.every())
	return t
}

// Backoff is how long to wait between failures that follow each other: not at all for the first Free of them, then
// First, and twice as long after each further one, up to Most. The failures are forgotten when for each of them, or Free
// if there are more, a Memory has passed since the last.
type Backoff struct {
	Free        int
	First, Most time.Duration
	Memory      time.Duration
}

// Wait is how long until there may be another attempt; nothing or less if there may.
func (b Backoff) Wait(t Tally, now time.Time) time.Duration {
	t = t.forgotten(now)
	if t.Count < b.Free {
		return 0
	}
	delay := b.First
	for n := b.Free; n < t.Count && delay < b.Most; n++ {
		delay *= 2
	}
	return t.At.Add(min(delay, b.Most)).Sub(now)
}

// Add counts one more failure.
func (b Backoff) Add(t Tally, now time.Time) Tally {
	t = t.forgotten(now)
	t.Count++
	t.At = now
	t.ExpiresAt = now.Add(time.Duration(min(t.Count, b.Free)) * b.Memory)
	return t
}
