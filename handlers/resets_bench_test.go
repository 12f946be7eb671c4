package handlers

import (
	"context"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"bookplate/models"
)

// BenchmarkForgot reports the median time of an answer for an address that has an account and for one that has none. They
// should not differ by more than two runs do. Which is asked about is left to chance each time, since a request is the
// slower the longer the machine has been idle before, and a message takes longer than none.
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
				s.message(email, resetSubject)
			}
		}
		b.ReportMetric(median(took["ada@example.com"]), "known-median-ns")
		b.ReportMetric(median(took["nobody@example.com"]), "unknown-median-ns")
	})
}

// watchedUsers tells when an account has been looked for. That, and the message if there is one, is the last that becomes
// of a request for a link: so none is timed while the one before is still worked on.
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
