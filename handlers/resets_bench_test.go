package handlers

import (
	"context"
	"net/http"
	"testing"

	"bookplate/mail"
)

// BenchmarkForgot reports the median time of an answer for an address that has an account and for one that has none. They
// should not differ by more than two runs of one of them do.
func BenchmarkForgot(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		s.signUp("ada@example.com")
		for name, email := range map[string]string{"known": "ada@example.com", "unknown": "eve@example.com"} {
			b.Run(name, func(b *testing.B) {
				reportMedian(b, s, "/users/password/forgot", `{"email":"`+email+`"}`, http.StatusAccepted, func() {
					waitForOutbox(b, s.services.Outbox)
				})
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
