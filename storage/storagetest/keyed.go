package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var keyedTests = map[string]func(*testing.T, suite){
	"a request is stored as it begins and ends":          testKeyedRoundtrip,
	"text, bytes and times of a request are stored":      testKeyedText,
	"one of 20 concurrent attempts runs":                 testKeyedRace,
	"one of 20 concurrent attempts runs after a crash":   testKeyedCrashRace,
	"an attempt that was replaced cannot end":            testKeyedReplaced,
	"a request has a new id after it has expired":        testKeyedExpired,
	"the requests of a user are deleted":                 testKeyedDeleteAll,
	"expired requests are deleted":                       testKeyedDeleteExpired,
	"nothing is stored of requests without an account":   testKeyedNoAccount,
	"no request that begins during an erasure is stored": testKeyedEraseRace,
}

// lease is how long an attempt to send a request may take in these tests.
const lease = time.Minute

// newKeyed returns the record of a new attempt to send the request with this key.
func newKeyed(user models.ID, key string) models.KeyedRequest {
	return models.KeyedRequest{
		Key: key, UserID: user, Fingerprint: "body", CreatedID: models.NewID(now), Attempt: string(models.NewID(now)),
		LeaseUntil: now.Add(lease), ExpiresAt: now.Add(time.Hour),
	}
}

// beginKeyed begins an attempt and checks the record that is stored afterwards.
func beginKeyed(t *testing.T, s suite, r models.KeyedRequest, at time.Time, want models.KeyedRequest) {
	t.Helper()
	got, err := s.KeyedRequests().Begin(t.Context(), r, at)
	wantOK(t, err)
	wantEqual(t, got, want)
}

// endKeyed ends an attempt and stores its answer. If answer is empty, it stores none.
func endKeyed(t *testing.T, s suite, r models.KeyedRequest, answer string, at time.Time) models.KeyedRequest {
	t.Helper()
	if answer != "" {
		r.Answer = []byte(answer)
	}
	r.LeaseUntil = at
	wantOK(t, s.KeyedRequests().End(t.Context(), r))
	return r
}

func testKeyedRoundtrip(t *testing.T, s suite) {
	ada := addOwner(t, s)
	first, other := newKeyed(ada, "a"), newKeyed(ada, "b")
	beginKeyed(t, s, first, now, first)
	beginKeyed(t, s, other, now, other)
	beginKeyed(t, s, newKeyed(ada, "a"), now.Add(lease-time.Millisecond), first)

	failed := endKeyed(t, s, first, "", now)
	changed := newKeyed(ada, "a")
	changed.Fingerprint = "another body"
	beginKeyed(t, s, changed, now, failed)
	second := newKeyed(ada, "a")
	want := second
	want.CreatedID = first.CreatedID
	beginKeyed(t, s, second, now, want)

	done := endKeyed(t, s, want, "answer", now)
	beginKeyed(t, s, newKeyed(ada, "a"), later.Add(-31*time.Minute), done)
	beginKeyed(t, s, newKeyed(ada, "b"), now, other)
}

func testKeyedText(t *testing.T, s suite) {
	ada := addOwner(t, s)
	for i, text := range hardTexts[1:] {
		r := newKeyed(ada, fmt.Sprint(i))
		r.Fingerprint, r.Attempt = text, text
		beginKeyed(t, s, r, now, r)
		r.LeaseUntil = r.LeaseUntil.Add(time.Microsecond).In(time.FixedZone("", 60*60))
		r.Answer = []byte(text + "\xff\x00")
		wantOK(t, s.KeyedRequests().End(t.Context(), r))
		r.LeaseUntil = now.Add(lease)
		beginKeyed(t, s, newKeyed(ada, r.Key), now, r)
	}
	r := newKeyed(ada, "large")
	beginKeyed(t, s, r, now, r)
	beginKeyed(t, s, newKeyed(ada, "large"), now, endKeyed(t, s, r, string(make([]byte, 2<<20)), now))
}

// raceForKey begins 20 attempts with the same key at once. It checks that only one of them runs and that the others are told
// which. It returns the CreatedID of the one that runs.
func raceForKey(t *testing.T, s suite, user models.ID, at time.Time) models.ID {
	t.Helper()
	attempts, stored := make([]models.KeyedRequest, 20), make([]models.KeyedRequest, 20)
	for i := range attempts {
		attempts[i] = newKeyed(user, "a")
		attempts[i].LeaseUntil = at.Add(lease)
	}
	for _, err := range concurrently(len(attempts), func(i int) (err error) {
		stored[i], err = s.KeyedRequests().Begin(t.Context(), attempts[i], at)
		return err
	}) {
		wantOK(t, err)
	}
	running := 0
	for i := range attempts {
		wantEqual(t, stored[i], stored[0])
		if stored[i].Attempt == attempts[i].Attempt {
			running++
		}
	}
	wantEqual(t, running, 1)
	return stored[0].CreatedID
}

func testKeyedRace(t *testing.T, s suite) { raceForKey(t, s, addOwner(t, s), now) }

func testKeyedCrashRace(t *testing.T, s suite) {
	ada := addOwner(t, s)
	first := newKeyed(ada, "a")
	beginKeyed(t, s, first, now, first)
	wantEqual(t, raceForKey(t, s, ada, first.LeaseUntil), first.CreatedID)
}

func testKeyedReplaced(t *testing.T, s suite) {
	ada := addOwner(t, s)
	slow, next := newKeyed(ada, "a"), newKeyed(ada, "a")
	wantOK(t, s.KeyedRequests().End(t.Context(), slow)) // it has not begun
	beginKeyed(t, s, slow, now, slow)
	next.CreatedID, next.LeaseUntil = slow.CreatedID, later
	beginKeyed(t, s, next, slow.LeaseUntil, next)
	endKeyed(t, s, slow, "late", now)
	beginKeyed(t, s, newKeyed(ada, "a"), slow.LeaseUntil, next)
}

func testKeyedExpired(t *testing.T, s suite) {
	ada := addOwner(t, s)
	first, next := newKeyed(ada, "a"), newKeyed(ada, "a")
	beginKeyed(t, s, first, now, first)
	endKeyed(t, s, first, "answer", now)
	next.Fingerprint = "another body"
	next.ExpiresAt = later
	beginKeyed(t, s, next, first.ExpiresAt, next)
}

func testKeyedDeleteAll(t *testing.T, s suite) {
	ada, other := addOwner(t, s), addOwner(t, s)
	left := newKeyed(other, "c")
	for _, r := range []models.KeyedRequest{newKeyed(ada, "a"), newKeyed(ada, "b"), left} {
		beginKeyed(t, s, r, now, r)
	}
	wantOK(t, s.KeyedRequests().DeleteAll(t.Context(), ada))
	wantOK(t, s.KeyedRequests().DeleteAll(t.Context(), ada))
	for _, key := range []string{"a", "b"} {
		again := newKeyed(ada, key)
		beginKeyed(t, s, again, now, again)
	}
	beginKeyed(t, s, newKeyed(other, "c"), now, left)
}

func testKeyedDeleteExpired(t *testing.T, s suite) {
	ada := addOwner(t, s)
	for i := range 5 {
		r := newKeyed(ada, fmt.Sprint(i))
		r.ExpiresAt = now.Add(time.Duration(i) * time.Millisecond)
		beginKeyed(t, s, r, now, r)
	}
	for _, want := range []int64{2, 0} {
		n, err := s.KeyedRequests().DeleteExpired(t.Context(), now.Add(2*time.Millisecond))
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	n, err := s.KeyedRequests().DeleteExpired(t.Context(), later)
	wantOK(t, err)
	wantEqual(t, n, 3)
}

func testKeyedNoAccount(t *testing.T, s suite) {
	erased := addOwner(t, s)
	wantOK(t, s.Users().Delete(t.Context(), erased))
	_, err := s.KeyedRequests().Begin(t.Context(), newKeyed(erased, "a"), now)
	wantNoAccount(t, err)
	wantNoKeyed(t, s)
}

func testKeyedEraseRace(t *testing.T, s suite) {
	for range 20 {
		ada := addOwner(t, s)
		for i, err := range concurrently(9, func(i int) error {
			if i > 0 {
				_, err := s.KeyedRequests().Begin(t.Context(), newKeyed(ada, fmt.Sprint(i)), now)
				return err
			}
			if err := s.Users().Delete(t.Context(), ada); err != nil {
				return err
			}
			return s.KeyedRequests().DeleteAll(t.Context(), ada)
		}) {
			if i == 0 || err == nil {
				wantOK(t, err)
				continue
			}
			wantNoAccount(t, err)
		}
		wantNoKeyed(t, s)
	}
}

// wantNoKeyed checks that no request with a key is stored.
func wantNoKeyed(t *testing.T, s suite) {
	t.Helper()
	n, err := s.KeyedRequests().DeleteExpired(t.Context(), later)
	wantOK(t, err)
	wantEqual(t, n, 0)
}
