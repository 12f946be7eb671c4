package throttle

import (
	"context"
	"sync"
	"testing"

	"bookplate/models"
)

func never() error { return nil }

func TestKeyedLock(t *testing.T) {
	var locks keyedLock
	var all sync.WaitGroup
	for _, key := range []string{"a", "b"} {
		n := 0 // only touched by whoever has the turn: the race detector watches
		for range 100 {
			all.Go(func() {
				give, err := locks.lock(t.Context(), key, never)
				if err != nil {
					t.Error(err)
					return
				}
				n++
				give()
			})
		}
		all.Wait()
		if n != 100 {
			t.Errorf("%d turns of %s, want 100", n, key)
		}
	}
	if len(locks.keys) != 0 {
		t.Errorf("%d keys are kept that nobody has", len(locks.keys))
	}
}

// Who gives up waiting, or is told not to wait, leaves nothing behind.
func TestKeyedLockThatAreNotTaken(t *testing.T) {
	var locks keyedLock
	give, err := locks.lock(t.Context(), "a", never)
	if err != nil {
		t.Fatal(err)
	}
	refusal := &models.Error{Code: models.TooManyRequests}
	if _, err := locks.lock(t.Context(), "a", func() error { return refusal }); models.CodeOf(err) != models.TooManyRequests {
		t.Errorf("who is told not to wait gets %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := locks.lock(ctx, "a", never); models.CodeOf(err) != models.Unavailable {
		t.Errorf("who gives up gets %v", err)
	}
	other, err := locks.lock(t.Context(), "b", func() error { return refusal })
	if err != nil {
		t.Fatal(err)
	}
	other()
	give()
	if len(locks.keys) != 0 {
		t.Errorf("%d keys are kept that nobody has", len(locks.keys))
	}
}
