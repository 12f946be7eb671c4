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

// Try takes one attempt of a key, or returns TooManyRequests with the time until there is one again.
func (t *Throttle) Try(key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.refilled(key)
	if b.left < 1 {
		wait := time.Duration(math.Ceil((1 - b.left) * float64(t.Every)))
		return &models.Error{Code: models.TooManyRequests, Detail: "too many failed attempts; try again later", RetryAfter: wait}
	}
	t.keep(key, b, -1)
	return nil
}

// Succeeded gives a key its attempt back: only failures count.
func (t *Throttle) Succeeded(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keep(key, t.refilled(key), +1)
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

func (t *Throttle) keep(key string, b bucket, change float64) {
	b.left += change
	if b.left >= float64(t.Burst) {
		delete(t.buckets, key) // as good as new
		return
	}
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
