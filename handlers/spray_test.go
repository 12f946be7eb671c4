package handlers

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// A sign-up that is refused for what is in it has cost nothing, and so it leaves nothing behind.
func TestRefusedSignUpsAreNotCounted(t *testing.T) {
	eachEngineFrom(t, map[string]string{"SIGNUP_LIMIT": "1/1h"}, func(s *testServer) {
		for i := range 5 {
			for path, status := range map[string]int{
				"/users/": http.StatusBadRequest, "/v1/user/register/": http.StatusUnprocessableEntity,
			} {
				s.do(call{
					method: "POST", path: path, contentType: "application/json", body: `{}`,
					header: map[string]string{"X-Forwarded-For": fmt.Sprintf("198.51.100.%d", i)},
				}).wantStatus(status)
			}
		}
		s.wantTallies(0, 0)
		s.signUp("ada@example.com")
		s.wantTallies(1, 1)
	})
}

// wantTallies removes all tallies, whenever they expire, and checks how many there were.
func (s *testServer) wantTallies(least, most int64) {
	s.Helper()
	n, err := s.services.Store.Throttles().DeleteExpired(s.Context(), s.clock.now().AddDate(1, 0, 0))
	if err != nil || n < least || n > most {
		s.Errorf("%d tallies, error %v, want %d to %d", n, err, least, most)
	}
}

// A spray from 50,000 networks takes no memory, and nothing of it is left once it has expired. On SQLite only: the
// limiter is the same, and the test server for MongoDB takes minutes.
func TestSprayFromEverywhere(t *testing.T) {
	const (
		networks = 50_000
		most     = 32 << 20 // bytes of heap; an entry of 1 KB a network would be more
	)
	s := newServer(t, nil)
	limiter, limit := newLimiter(s.services), models.Limit{N: 10, Per: time.Minute}
	peak := heapWatch(t)
	var all errgroup.Group
	all.SetLimit(256) // which share an fsync
	for i := range networks {
		all.Go(func() error { return limiter.admit(t.Context(), limit, "spray", fmt.Sprint(i)) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if used := peak(); used > most {
		t.Errorf("the heap had %d MiB", used>>20)
	}
	s.clock.move(limit.Per)
	n, err := s.services.Store.Throttles().DeleteExpired(t.Context(), s.clock.now())
	if err != nil || n != networks {
		t.Errorf("%d tallies were removed, error %v, want %d", n, err, networks)
	}
	s.wantTallies(0, 0)
}
