package handlers

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"bookplate/models"
)

// BenchmarkForgot reports the median time of an answer, for an address with an account and for one without. The medians
// should differ no more than two runs do. The order of the addresses is random, because the work after a request, which
// is longer for an account, slows down the next one.
func BenchmarkForgot(b *testing.B) {
	benchEachEngine(b, func(b *testing.B, s *testServer) {
		s.signUp("ada@example.com")
		watched := watchedUsers{s.services.Store.Users(), make(chan struct{})}
		s.services.Store = watchedStore{s.services.Store, watched}
		handler := s.handler()
		took := map[string][]time.Duration{}
		for b.Loop() {
			email := []string{"ada@example.com", "nobody@example.com"}[rand.IntN(2)]
			took[email] = append(took[email],
				timed(b, handler, "/users/password/forgot", `{"email":"`+email+`"}`, http.StatusAccepted))
			<-watched.looked
			if email == "ada@example.com" {
				s.nextMessage(email, resetSubject)
			}
		}
		b.ReportMetric(median(took["ada@example.com"]), "known-median-ns")
		b.ReportMetric(median(took["nobody@example.com"]), "unknown-median-ns")
	})
}

// watchedUsers sends to looked after each look-up of an account. The look-up, and the message if there is one, is the
// last work for a request, so the benchmark waits for both before the next request.
type watchedUsers struct {
	models.Users
	looked chan struct{}
}

func (u watchedUsers) GetByEmail(ctx context.Context, email string) (models.User, error) {
	defer func() { u.looked <- struct{}{} }()
	return u.Users.GetByEmail(ctx, email)
}

type watchedStore struct {
	models.Store
	users watchedUsers
}

func (s watchedStore) Users() models.Users { return s.users }
