package handlers

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/models"
)

// authenticator is a store that can do nothing but authenticate: any other call is one of nil, and answered 500.
type authenticator struct {
	models.Store
	calls atomic.Int32
}

func (*authenticator) Users() models.Users                 { return nil }
func (*authenticator) Books() models.Books                 { return nil }
func (*authenticator) Shelves() models.Shelves             { return nil }
func (*authenticator) Throttles() models.Throttles         { return nil }
func (*authenticator) Audit() models.Audit                 { return nil }
func (*authenticator) OneTimeTokens() models.OneTimeTokens { return nil }
func (*authenticator) Leases() models.Leases               { return nil }
func (s *authenticator) Sessions() models.Sessions         { return authenticating{nil, s} }

type authenticating struct {
	models.Sessions
	store *authenticator
}

func (s authenticating) Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	s.store.calls.Add(1)
	return s.store.Store.Sessions().Authenticate(ctx, id, userID)
}

// Who is signed in, and with which role, costs one call of the store and no other.
func TestAuthenticatingIsOneCall(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		store := &authenticator{Store: s.services.Store}
		s.services.Store = store
		s.start()
		for i := range int32(3) {
			s.profile(ada.Token)
			s.get("/audit", ada.Token).wantStatus(http.StatusForbidden)
			if got, want := store.calls.Load(), 2*(i+1); got != want {
				s.Errorf("%d calls for %d requests", got, want)
			}
		}
	})
}

// asked is a store that counts how often it is asked where an account is known.
type asked struct {
	models.Store
	times atomic.Int32
}

func (s *asked) Sessions() models.Sessions { return askedSessions{s.Store.Sessions(), s} }

type askedSessions struct {
	models.Sessions
	store *asked
}

func (s askedSessions) KnownIn(ctx context.Context, userID models.ID, network string, at time.Time) (bool, error) {
	s.store.times.Add(1)
	return s.Sessions.KnownIn(ctx, userID, network, at)
}

// A log-in that is throttled asks the same of the store, whether or not the account exists.
func TestThrottledLoginsCostTheSame(t *testing.T) {
	eachEngineFrom(t, map[string]string{"NETWORK_LIMIT": "1/1h"}, func(s *testServer) {
		store := &asked{Store: s.services.Store}
		s.services.Store = store
		s.start()
		s.signedIn("ada@example.com")
		s.loginFrom("192.0.2.1", "eve@example.com", wrong).wantStatus(http.StatusNotFound)
		for i, email := range []string{"ada@example.com", "nobody@example.com"} {
			s.loginFrom("192.0.2.1", email, wrong).wantStatus(http.StatusTooManyRequests)
			if n := int(store.times.Load()); n != i+1 {
				s.Errorf("%s: asked %d times, want once", email, n-i)
			}
		}
	})
}
