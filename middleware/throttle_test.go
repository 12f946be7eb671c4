package middleware

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"bookplate/models"
)

func TestThrottle(t *testing.T) {
	now := time.Now()
	throttle := &Throttle{Burst: 3, Every: 10 * time.Second, Now: func() time.Time { return now }}
	for range 3 {
		if err := throttle.Check("a"); err != nil {
			t.Fatal(err)
		}
		throttle.Failed("a")
	}
	var refused *models.Error
	if err := throttle.Check("a"); !errors.As(err, &refused) || refused.Code != models.TooManyRequests || refused.RetryAfter != 10*time.Second {
		t.Errorf("the fourth failure: %v", err)
	}
	if err := throttle.Check("b"); err != nil {
		t.Errorf("another key: %v", err)
	}
	now = now.Add(9 * time.Second)
	if err := throttle.Check("a"); !errors.As(err, &refused) || refused.RetryAfter != time.Second {
		t.Errorf("9 s later: %v, want to wait for another second", err)
	}
	now = now.Add(time.Second)
	if err := throttle.Check("a"); err != nil {
		t.Errorf("10 s later: %v", err)
	}
	// Failures that were under way at once are waited for, too.
	for range 3 {
		throttle.Failed("a")
	}
	if err := throttle.Check("a"); !errors.As(err, &refused) || refused.RetryAfter != 30*time.Second {
		t.Errorf("after three at once: %v, want to wait for 30 s", err)
	}
}

// A spray from a million keys is forgotten, not kept.
func TestThrottleIsBounded(t *testing.T) {
	now := time.Now()
	throttle := &Throttle{Burst: 3, Every: time.Second, Now: func() time.Time { return now }}
	for i := range 1_000_000 {
		throttle.Failed(strconv.Itoa(i))
	}
	if n := len(throttle.buckets); n != maxThrottled {
		t.Errorf("%d keys are kept, want %d", n, maxThrottled)
	}
}
