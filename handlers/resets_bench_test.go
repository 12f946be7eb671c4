package handlers

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"bookplate/models"
)

// BenchmarkForgot reports the median time to answer a request for a reset link: one median for an address with an
// account, and one for an address without. They should differ no more than one of these medians differs from run to
// run. Work that goes on after an answer slows down the next request, and an existing account causes more such work. So
// the order of the addresses is random.
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

// watchedUsers sends to the channel looked after each call of GetByEmail. This call, and the mail if the account
// exists, come last in the handling of a request. The benchmark waits for both before it makes the next request.
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
