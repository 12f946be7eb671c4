package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var throttleTests = map[string]func(*testing.T, suite){
	"a key without a tally has the zero one": testTallyNone,
	"a tally comes back as changed":          testTallyRoundtrip,
	"no change of 50 at once is lost":        testTallyRace,
	"a tally changed to nothing is gone":     testTallyGone,
	"tallies that have expired are removed":  testTallyDeleteExpired,
}

// getTally returns the tally of a key.
func getTally(t *testing.T, s suite, key string) models.Tally {
	t.Helper()
	tallies, err := s.Throttles().Get(t.Context(), key)
	wantOK(t, err)
	wantEqual(t, len(tallies), 1)
	return tallies[0]
}

// setTally makes a key's tally that one.
func setTally(t *testing.T, s suite, key string, tally models.Tally) {
	t.Helper()
	wantOK(t, s.Throttles().Change(t.Context(), key, func(models.Tally) models.Tally { return tally }))
}

// addOne is a change.
func addOne(t models.Tally) models.Tally {
	return models.Tally{Count: t.Count + 1, At: now, ExpiresAt: later}
}

func testTallyNone(t *testing.T, s suite) {
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
	setTally(t, s, "a", models.Tally{}) // nothing stays nothing
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
}

func testTallyRoundtrip(t *testing.T, s suite) {
	one, two := models.Tally{Count: 1, At: now, ExpiresAt: later}, models.Tally{Count: 200, At: later, ExpiresAt: later}
	setTally(t, s, "one", one)
	setTally(t, s, "two", addOne(two))
	setTally(t, s, "two", two)
	tallies, err := s.Throttles().Get(t.Context(), "two", "none", "one")
	wantOK(t, err)
	wantSame(t, tallies, []models.Tally{two, {}, one})
}

func testTallyRace(t *testing.T, s suite) {
	const n = 50
	for _, err := range atOnce(n, func(int) error { return s.Throttles().Change(t.Context(), "a", addOne) }) {
		wantOK(t, err)
	}
	wantEqual(t, getTally(t, s, "a").Count, n)
}

func testTallyGone(t *testing.T, s suite) {
	setTally(t, s, "a", addOne(models.Tally{}))
	setTally(t, s, "b", addOne(models.Tally{}))
	setTally(t, s, "a", models.Tally{})
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
	wantEqual(t, getTally(t, s, "b").Count, 1)
	n, err := s.Throttles().DeleteExpired(t.Context(), later.Add(time.Hour))
	wantOK(t, err)
	wantEqual(t, n, 1)
}

func testTallyDeleteExpired(t *testing.T, s suite) {
	for i := range 5 {
		setTally(t, s, fmt.Sprint(i), models.Tally{Count: 1, At: now, ExpiresAt: now.Add(time.Duration(i) * time.Millisecond)})
	}
	for _, want := range []int64{2, 0} {
		n, err := s.Throttles().DeleteExpired(t.Context(), now.Add(2*time.Millisecond))
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for i, want := range []int{0, 0, 1, 1, 1} {
		wantEqual(t, getTally(t, s, fmt.Sprint(i)).Count, want)
	}
}
