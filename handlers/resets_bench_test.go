package handlers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/mail"
)

// BenchmarkForgot reports the median time of an answer for an address that has an account and for one that has none. They
// should not differ by more than two runs of one of them do.
func BenchmarkForgot(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		s.signUp("ada@example.com")
		handler, err := New(s.services)
		if err != nil {
			b.Fatal(err)
		}
		for name, email := range map[string]string{"known": "ada@example.com", "unknown": "eve@example.com"} {
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/users/password/forgot",
						strings.NewReader(`{"email":"`+email+`"}`))
					recorder := httptest.NewRecorder()
					start := time.Now()
					handler.ServeHTTP(recorder, request)
					took = append(took, time.Since(start))
					if recorder.Code != http.StatusAccepted {
						b.Fatal(recorder.Code)
					}
					waitForOutbox(b, s.services.Outbox)
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "median-ns")
			})
		}
	})
}

// waitForOutbox lets what was posted be worked on before the next request is timed.
func waitForOutbox(b *testing.B, outbox *mail.Outbox) {
	b.Helper()
	done := make(chan struct{})
	err := outbox.Post(func(context.Context) (*mail.Message, error) {
		close(done)
		return nil, nil //nolint:nilnil // nothing to send
	})
	if err != nil {
		b.Fatal(err)
	}
	<-done
}
