package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var throttleTests = map[string]func(*testing.T, suite){
	"an unknown key has the zero tally":     testTallyUnknown,
	"Get returns tallies as changed":        testTallyRoundtrip,
	"none of 50 concurrent changes is lost": testTallyRace,
	"a change to the zero tally deletes it": testTallyZero,
	"expired tallies are deleted":           testTallyDeleteExpired,
}

func getTally(t *testing.T, s suite, key string) models.Tally {
	t.Helper()
	tallies, err := s.Throttles().Get(t.Context(), key)
	wantOK(t, err)
	wantEqual(t, len(tallies), 1)
	return tallies[0]
}

// setTally replaces the tally of a key.
func setTally(t *testing.T, s suite, key string, tally models.Tally) {
	t.Helper()
	wantOK(t, s.Throttles().Change(t.Context(), key, func(models.Tally) models.Tally { return tally }))
}

// addOne returns t with its count incremented.
func addOne(t models.Tally) models.Tally {
	return models.Tally{Count: t.Count + 1, At: now, ExpiresAt: later}
}

func testTallyUnknown(t *testing.T, s suite) {
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
	setTally(t, s, "a", models.Tally{})
	wantEqual(t, getTally(t, s, "a"), models.Tally{})
}

func testTallyRoundtrip(t *testing.T, s suite) {
	one, two := models.Tally{Count: 1, At: now, ExpiresAt: later}, models.Tally{Count: 200, At: later, ExpiresAt: later}
	setTally(t, s, "one", one)
	setTally(t, s, "two", addOne(two))
	setTally(t, s, "two", two)
	tallies, err := s.Throttles().Get(t.Context(), "two", "none", "one")
	wantOK(t, err)
	wantEqualList(t, tallies, []models.Tally{two, {}, one})
}

func testTallyRace(t *testing.T, s suite) {
	const n = 50
	for _, err := range concurrently(n, func(int) error { return s.Throttles().Change(t.Context(), "a", addOne) }) {
		wantOK(t, err)
	}
	wantEqual(t, getTally(t, s, "a").Count, n)
}

func testTallyZero(t *testing.T, s suite) {
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
