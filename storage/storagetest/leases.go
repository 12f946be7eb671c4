package storagetest

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var leaseTests = map[string]func(*testing.T, suite){
	"one holder at a time":                              testLease,
	"a holder releases its lease":                       testLeaseRelease,
	"one of 20 concurrent calls takes a new lease":      testLeaseRace,
	"one of 20 concurrent calls takes an expired lease": testLeaseExpiredRace,
}

// takeLease takes the lease "sweep" for a minute and reports whether it succeeded.
func takeLease(t *testing.T, s suite, holder string, at time.Time) bool {
	t.Helper()
	taken, err := s.Leases().Take(t.Context(), "sweep", holder, at, at.Add(time.Minute))
	wantOK(t, err)
	return taken
}

func testLease(t *testing.T, s suite) {
	wantEqual(t, takeLease(t, s, "a", now), true)
	wantEqual(t, takeLease(t, s, "b", now), false)
	wantEqual(t, takeLease(t, s, "a", now.Add(time.Second)), true) // a holder may extend its lease
	wantEqual(t, takeLease(t, s, "b", now.Add(time.Minute)), false)
	wantEqual(t, takeLease(t, s, "b", now.Add(time.Minute+time.Second)), true)
	wantEqual(t, takeLease(t, s, "a", now.Add(time.Minute+time.Second)), false)
	other, err := s.Leases().Take(t.Context(), "another", "a", now, now.Add(time.Minute))
	wantOK(t, err)
	wantEqual(t, other, true)
}

func testLeaseRelease(t *testing.T, s suite) {
	release := func(holder string) { wantOK(t, s.Leases().Release(t.Context(), "sweep", holder)) }
	release("a") // no lease
	wantEqual(t, takeLease(t, s, "a", now), true)
	release("b") // another holder's lease
	wantEqual(t, takeLease(t, s, "b", now), false)
	release("a")
	wantEqual(t, takeLease(t, s, "b", now), true)
	release("a") // no longer a's lease
	wantEqual(t, takeLease(t, s, "a", now), false)
}

func testLeaseRace(t *testing.T, s suite) { raceForLease(t, s, now) }

func testLeaseExpiredRace(t *testing.T, s suite) {
	wantEqual(t, takeLease(t, s, "before", now), true)
	raceForLease(t, s, now.Add(time.Hour))
}

func raceForLease(t *testing.T, s suite, at time.Time) {
	t.Helper()
	var takers atomic.Int32
	errs := concurrently(20, func(i int) error {
		taken, err := s.Leases().Take(t.Context(), "sweep", strconv.Itoa(i), at, at.Add(time.Minute))
		if taken {
			takers.Add(1)
		}
		return err
	})
	for _, err := range errs {
		wantOK(t, err)
	}
	wantEqual(t, takers.Load(), 1)
}
