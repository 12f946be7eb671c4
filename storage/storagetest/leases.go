package storagetest

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var leaseTests = map[string]func(*testing.T, suite){
	"one holder at a time":                 testLease,
	"a holder gives it back":               testLeaseRelease,
	"of 20 at once one takes a new lease":  testLeaseRace,
	"of 20 at once one takes an ended one": testLeaseEndedRace,
}

// take takes the lease "sweep" for a minute.
func take(t *testing.T, s suite, holder string, at time.Time) bool {
	t.Helper()
	taken, err := s.Leases().Take(t.Context(), "sweep", holder, at, at.Add(time.Minute))
	wantOK(t, err)
	return taken
}

func testLease(t *testing.T, s suite) {
	wantEqual(t, take(t, s, "a", now), true)
	wantEqual(t, take(t, s, "b", now), false)
	wantEqual(t, take(t, s, "a", now.Add(time.Second)), true) // its own, for longer
	wantEqual(t, take(t, s, "b", now.Add(time.Minute)), false)
	wantEqual(t, take(t, s, "b", now.Add(time.Minute+time.Second)), true)
	wantEqual(t, take(t, s, "a", now.Add(time.Minute+time.Second)), false)
	other, err := s.Leases().Take(t.Context(), "another", "a", now, now.Add(time.Minute))
	wantOK(t, err)
	wantEqual(t, other, true)
}

func testLeaseRelease(t *testing.T, s suite) {
	release := func(holder string) { wantOK(t, s.Leases().Release(t.Context(), "sweep", holder)) }
	release("a") // there is none
	wantEqual(t, take(t, s, "a", now), true)
	release("b") // it is not b's
	wantEqual(t, take(t, s, "b", now), false)
	release("a")
	wantEqual(t, take(t, s, "b", now), true)
	release("a") // nor is it a's any more
	wantEqual(t, take(t, s, "a", now), false)
}

func testLeaseRace(t *testing.T, s suite) { raceForLease(t, s, now) }

func testLeaseEndedRace(t *testing.T, s suite) {
	wantEqual(t, take(t, s, "before", now), true)
	raceForLease(t, s, now.Add(time.Hour))
}

func raceForLease(t *testing.T, s suite, at time.Time) {
	t.Helper()
	var takers atomic.Int32
	errs := atOnce(20, func(i int) error {
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
