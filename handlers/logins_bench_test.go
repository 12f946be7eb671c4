package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

// reportMedian posts a body repeatedly and reports the median time that the answers took. All answers must have this
// status.
func reportMedian(b *testing.B, s *testServer, path, body string, status int) {
	b.Helper()
	handler := s.handler()
	var took []time.Duration
	for b.Loop() {
		took = append(took, timed(b, handler, path, body, status))
	}
	b.ReportMetric(median(took), "median-ns")
}

// timed posts a body and returns how long the answer took. The answer must have this status.
func timed(b *testing.B, handler http.Handler, path, body string, status int) time.Duration {
	b.Helper()
	request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, path, strings.NewReader(body))
	recorder := httptest.NewRecorder()
	start := time.Now()
	handler.ServeHTTP(recorder, request)
	took := time.Since(start)
	if recorder.Code != status {
		b.Fatal(recorder.Code)
	}
	return took
}

// median returns the median of the times in nanoseconds, or 0 if there are none.
func median(times []time.Duration) float64 {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Nanoseconds())
}

// BenchmarkFailedLogin reports the median time of a failed log-in for each kind of account, with production password
// hashing. The medians should not differ more than those of two runs, because a difference would reveal whether an
// account exists. Only the account legacy, whose hash is from the tutorial's code, may take another time.
func BenchmarkFailedLogin(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		s.services.Hasher = auth.NewHasher(auth.OWASP)
		s.start()
		s.signUp("known@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: s.signedIn("disabled@example.com").Token})
		s.addLegacy("legacy@example.com")
		for _, name := range []string{"known", "unknown", "disabled", "legacy"} {
			b.Run(name, func(b *testing.B) {
				reportMedian(b, s, "/users/login", wrongLogin(name), http.StatusNotFound)
			})
		}
	})
}

// BenchmarkThrottledLogin reports the median time of a log-in that is rejected because of failed log-ins from the same
// network. httptest sends its requests from 192.0.2.1.
func BenchmarkThrottledLogin(b *testing.B) {
	env := map[string]string{"NETWORK_LIMIT": "1/1h", "TRUSTED_PROXIES": "127.0.0.1"}
	benchEachEngineWith(b, env, func(b *testing.B, s *testServer) {
		s.signedIn("known@example.com")
		s.loginFrom("192.0.2.1", "somebody@example.com", wrong).wantStatus(http.StatusNotFound)
		for _, name := range []string{"known", "unknown"} {
			b.Run(name, func(b *testing.B) {
				reportMedian(b, s, "/users/login", wrongLogin(name), http.StatusTooManyRequests)
			})
		}
	})
}

func wrongLogin(name string) string {
	return fmt.Sprintf(`{"email":"%s@example.com","password":%q}`, name, wrong)
}

// addLegacy stores an account whose password hash is one of Werkzeug, as in a database of the tutorial's code.
func (s *testServer) addLegacy(email string) {
	s.Helper()
	const iterations = 260_000 // Werkzeug 2's default
	err := s.services.Store.Users().Create(context.Background(), models.User{
		ID: models.NewID(s.clock.now()), Name: "Ada Lovelace", Email: email, Active: true, Role: models.RoleUser,
		PasswordHash: fmt.Sprintf("pbkdf2:sha256:%d$salt$%s", iterations, pbkdf2Hex(s.TB, password, "salt", iterations)),
	})
	if err != nil {
		s.Fatal(err)
	}
}
