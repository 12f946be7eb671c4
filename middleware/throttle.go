package middleware

import (
	"math"
	"sync"
	"time"

	"bookplate/models"
)

// Throttle slows down who fails again and again: each key may fail Burst times at once and then once every Every. It
// keeps at most maxThrottled keys, so a spray from many addresses cannot fill the memory.
type Throttle struct {
	Burst int
	Every time.Duration
	Now   func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
}

// bucket is a token bucket: what is left of a key's failures at a time.
type bucket struct {
	left float64
	at   time.Time
}

// maxThrottled keys take some 10 MB.
const maxThrottled = 100_000

// Check says whether a key may try, or returns TooManyRequests with the time until it may.
func (t *Throttle) Check(key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.refilled(key)
	if b.left >= 1 {
		return nil
	}
	wait := time.Duration(math.Ceil((1 - b.left) * float64(t.Every)))
	return &models.Error{Code: models.TooManyRequests, Detail: "too many failed attempts; try again later", RetryAfter: wait}
}

// Failed counts a failure. Tries that were under way at once may use up more than there was; the key waits for that, too.
func (t *Throttle) Failed(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.refilled(key)
	b.left--
	if t.buckets == nil {
		t.buckets = map[string]bucket{}
	}
	if _, found := t.buckets[key]; !found && len(t.buckets) >= maxThrottled {
		for old := range t.buckets { // any: a map's order is random, so nobody can choose who is forgotten
			delete(t.buckets, old)
			break
		}
	}
	t.buckets[key] = b
}

func (t *Throttle) refilled(key string) bucket {
	now := t.Now()
	b, found := t.buckets[key]
	if !found {
		return bucket{float64(t.Burst), now}
	}
	b.left = min(b.left+float64(now.Sub(b.at))/float64(t.Every), float64(t.Burst))
	b.at = now
	return b
}
