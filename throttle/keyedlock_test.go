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
		n := 0 // guarded by the lock, which the race detector checks
		for range 100 {
			all.Go(func() {
				unlock, err := locks.lock(t.Context(), key, never)
				if err != nil {
					t.Error(err)
					return
				}
				n++
				unlock()
			})
		}
		all.Wait()
		if n != 100 {
			t.Errorf("%d locks of %s, want 100", n, key)
		}
	}
	if len(locks.keys) != 0 {
		t.Errorf("%d entries are left", len(locks.keys))
	}
}

// A failed attempt to lock a key leaves no entry for the key in the keyedLock.
func TestKeyedLockFailure(t *testing.T) {
	var locks keyedLock
	unlock, err := locks.lock(t.Context(), "a", never)
	if err != nil {
		t.Fatal(err)
	}
	tooMany := &models.Error{Code: models.TooManyRequests}
	if _, err := locks.lock(t.Context(), "a", func() error { return tooMany }); models.CodeOf(err) != models.TooManyRequests {
		t.Errorf("with an error of beforeWait: %v, want TooManyRequests", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := locks.lock(ctx, "a", never); models.CodeOf(err) != models.Unavailable {
		t.Errorf("cancelled: %v, want Unavailable", err)
	}
	unlockOther, err := locks.lock(t.Context(), "b", func() error { return tooMany })
	if err != nil {
		t.Fatal(err)
	}
	unlockOther()
	unlock()
	if len(locks.keys) != 0 {
		t.Errorf("%d entries are left", len(locks.keys))
	}
}
