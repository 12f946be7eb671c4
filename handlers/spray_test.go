package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// A sign-up with invalid fields does not count towards the limit of sign-ups.
func TestRefusedSignUpsAreNotCounted(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"SIGNUP_LIMIT": "1/1h"}, func(s *testServer) {
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
		s.wantTallies(0)
		s.signUp("ada@example.com")
		s.wantTallies(1)
	})
}

// wantTallies checks how many tallies are stored, which are the counts of limits. It deletes them, even those that have
// not expired.
func (s *testServer) wantTallies(want int64) {
	s.Helper()
	n, err := s.services.Store.Throttles().DeleteExpired(s.Context(), s.clock.now().AddDate(1, 0, 0))
	if err != nil || n != want {
		s.Errorf("%d tallies, error %v, want %d", n, err, want)
	}
}

// sprayFrom makes one request from each of many networks, with an invalid token of a mailed link.
func (s *testServer) sprayFrom(networks int) {
	s.Helper()
	handler := s.handler()
	var all errgroup.Group
	all.SetLimit(256) // concurrent writes share an fsync
	for i := range networks {
		all.Go(func() error {
			request := httptest.NewRequestWithContext(s.Context(), http.MethodPost, "/users/password/reset",
				strings.NewReader(`{"token":"x","password":"Xyz@789"}`))
			request.Header.Set("Content-Type", "application/json")
			request.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1024", i>>16, i>>8&255, i&255)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != http.StatusNotFound {
				return fmt.Errorf("from %s: status %d", request.RemoteAddr, answer.Code)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		s.Fatal(err)
	}
}

// An attack from 20,000 networks takes no memory for each network, and its tallies are deleted once they expire. This
// test runs on SQLite only, because the limiter is the same on both engines and the MongoDB-compatible test server
// takes minutes.
func TestSprayFromEverywhere(t *testing.T) {
	const (
		networks = 20_000
		most     = 16 << 20 // the most that the heap may grow, in bytes; less than 1 KB per network
	)
	s := newServer(t, nil)
	s.services.Log = slog.New(slog.DiscardHandler) // the log would fill the heap
	before, peak := watchHeap(t)
	s.sprayFrom(networks)
	if used := peak(); used > before+most {
		t.Errorf("the heap grew from %d to %d MiB", before>>20, used>>20)
	}
	s.clock.move(2*time.Minute + time.Second) // RESET_LIMIT forgets a request after two minutes
	n, err := s.services.Store.Throttles().DeleteExpired(t.Context(), s.clock.now())
	if err != nil || n != networks {
		t.Errorf("%d tallies were removed, error %v, want %d", n, err, networks)
	}
	s.wantTallies(0)
}
