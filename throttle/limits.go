// Package throttle limits how often something may happen: requests, log-ins, mails. The counts are in the database, so
// that all copies of the server share them.
package throttle

import (
	"time"

	"bookplate/models"
)

// Limit is a leaky bucket: up to N events may happen at once. One event is forgotten every Per/N, so after that N more
// are allowed in each Per.
type Limit struct {
	N   int
	Per time.Duration
}

func (l Limit) interval() time.Duration { return l.Per / time.Duration(l.N) }

// current returns the tally without the events that are forgotten by now.
func (l Limit) current(t models.Tally, now time.Time) models.Tally {
	t = t.Current(now)
	if n := now.Sub(t.At) / l.interval(); t.Count > 0 && n > 0 {
		t.Count -= int(n)
		t.At = t.At.Add(n * l.interval())
	}
	return t
}

// Wait returns how long to wait until the next event is allowed. It is zero or negative if the event is allowed now.
func (l Limit) Wait(t models.Tally, now time.Time) time.Duration {
	t = l.current(t, now)
	if t.Count < l.N {
		return 0
	}
	return t.At.Add(time.Duration(t.Count-l.N+1) * l.interval()).Sub(now)
}

// Add counts one more event, even above the limit. If concurrent events exceed the limit together, later events have to
// wait for longer.
func (l Limit) Add(t models.Tally, now time.Time) models.Tally {
	t = l.current(t, now)
	if t.Count == 0 {
		t.At = now
	}
	t.Count++
	t.ExpiresAt = t.At.Add(time.Duration(t.Count) * l.interval())
	return t
}

// Pause returns a tally that allows the next event only after d, or later if the wait is already longer.
func (l Limit) Pause(t models.Tally, now time.Time, d time.Duration) models.Tally {
	if l.Wait(t, now) >= d {
		return t.Current(now)
	}
	count := l.N - 1 + int((d+l.interval()-1)/l.interval())
	return models.Tally{Count: count, At: now, ExpiresAt: now.Add(time.Duration(count) * l.interval())}
}

// Backoff is an exponential backoff after consecutive failures. The first Free-1 failures cause no wait. The next one
// causes the wait First, and each further one doubles the wait, up to Most. Without further failures, n failures are
// forgotten after n times Memory, but at the latest after Free times Memory.
type Backoff struct {
	Free        int
	First, Most time.Duration
	Memory      time.Duration
}

// Wait returns how long to wait until the next attempt is allowed. It is zero or negative if an attempt is allowed now.
func (b Backoff) Wait(t models.Tally, now time.Time) time.Duration {
	t = t.Current(now)
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
func (b Backoff) Add(t models.Tally, now time.Time) models.Tally {
	t = t.Current(now)
	t.Count++
	t.At = now
	t.ExpiresAt = now.Add(time.Duration(min(t.Count, b.Free)) * b.Memory)
	return t
}
