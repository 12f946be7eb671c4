package throttle

import (
	"context"
	"time"

	"bookplate/models"
)

// Limiter limits how often events happen. It keeps its counts in the database. If Off is true, nothing is limited.
type Limiter struct {
	Off     bool
	Tallies models.Throttles
	Now     func() time.Time
}

// Admit counts one more event under a key. If the limit is reached, it does not count the event and returns
// TooManyRequests.
func (l Limiter) Admit(ctx context.Context, limit Limit, key ...string) error {
	if l.Off {
		return nil
	}
	now, wait := l.Now(), time.Duration(0)
	err := l.Tallies.Change(ctx, tallyKey(key...), func(t models.Tally) models.Tally {
		if wait = limit.Wait(t, now); wait > 0 {
			return t.Current(now)
		}
		return limit.Add(t, now)
	})
	if err == nil && wait > 0 {
		err = TooMany("too many requests of this kind; try again later", wait)
	}
	return err
}

// Reserve counts one more event under a key and returns how long the caller must wait before the event. This spreads out the
// events of all copies of the server. The parameter most is the longest wait: if the wait would be longer,
// Reserve counts nothing and returns TooManyRequests.
func (l Limiter) Reserve(ctx context.Context, limit Limit, most time.Duration, key ...string) (time.Duration, error) {
	now, wait := l.Now(), time.Duration(0)
	err := l.Tallies.Change(ctx, tallyKey(key...), func(t models.Tally) models.Tally {
		if wait = limit.Wait(t, now); wait > most {
			return t.Current(now)
		}
		return limit.Add(t, now)
	})
	if err == nil && wait > most {
		err = TooMany("too many requests of this kind; try again later", wait)
	}
	return max(wait, 0), err
}

// Pause allows no event under a key for the duration d.
func (l Limiter) Pause(ctx context.Context, limit Limit, d time.Duration, key ...string) error {
	return l.Tallies.Change(ctx, tallyKey(key...), func(t models.Tally) models.Tally { return limit.Pause(t, l.Now(), d) })
}

// Forget sets the count under a key to zero.
func (l Limiter) Forget(ctx context.Context, key ...string) error {
	if l.Off {
		return nil
	}
	return l.Tallies.Change(ctx, tallyKey(key...), reset)
}

// reset returns an empty tally.
func reset(models.Tally) models.Tally { return models.Tally{} }

// TooMany returns a 429 error that says how long to wait.
func TooMany(detail string, wait time.Duration) error {
	return &models.Error{Code: models.TooManyRequests, Detail: detail, RetryAfter: max(wait, time.Second)}
}
