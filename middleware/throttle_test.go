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
		if err := throttle.Try("a"); err != nil {
			t.Fatal(err)
		}
	}
	var refused *models.Error
	if err := throttle.Try("a"); !errors.As(err, &refused) || refused.Code != models.TooManyRequests || refused.RetryAfter != 10*time.Second {
		t.Errorf("the fourth failure: %v", err)
	}
	if err := throttle.Try("b"); err != nil {
		t.Errorf("another key: %v", err)
	}
	now = now.Add(9 * time.Second)
	if err := throttle.Try("a"); !errors.As(err, &refused) || refused.RetryAfter != time.Second {
		t.Errorf("9 s later: %v, want to wait for another second", err)
	}
	now = now.Add(time.Second)
	if err := throttle.Try("a"); err != nil {
		t.Errorf("10 s later: %v", err)
	}
	throttle.Succeeded("a")
	if err := throttle.Try("a"); err != nil {
		t.Errorf("after a success: %v", err)
	}
}

// A spray from a million keys is forgotten, not kept.
func TestThrottleIsBounded(t *testing.T) {
	now := time.Now()
	throttle := &Throttle{Burst: 3, Every: time.Second, Now: func() time.Time { return now }}
	for i := range 1_000_000 {
		if err := throttle.Try(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(throttle.buckets); n != maxThrottled {
		t.Errorf("%d keys are kept, want %d", n, maxThrottled)
	}
	// Nor is a key kept whose attempts are all back.
	throttle = &Throttle{Burst: 3, Every: time.Second, Now: func() time.Time { return now }}
	if err := throttle.Try("a"); err != nil {
		t.Fatal(err)
	}
	throttle.Succeeded("a")
	if n := len(throttle.buckets); n != 0 {
		t.Errorf("%d keys are kept after a success, want none", n)
	}
}
