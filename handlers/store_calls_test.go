package handlers

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"bookplate/models"
)

// authOnlyStore is a store that can only authenticate. Any other call panics, and the request is answered with 500.
type authOnlyStore struct {
	models.Store
	calls atomic.Int32
}

func (*authOnlyStore) Users() models.Users                 { return nil }
func (*authOnlyStore) Books() models.Books                 { return nil }
func (*authOnlyStore) Trash() models.Trash                 { return nil }
func (*authOnlyStore) Imports() models.Imports             { return nil }
func (*authOnlyStore) Shelves() models.Shelves             { return nil }
func (*authOnlyStore) Readings() models.Readings           { return nil }
func (*authOnlyStore) Loans() models.Loans                 { return nil }
func (*authOnlyStore) Throttles() models.Throttles         { return nil }
func (*authOnlyStore) Audit() models.Audit                 { return nil }
func (*authOnlyStore) OneTimeTokens() models.OneTimeTokens { return nil }
func (*authOnlyStore) Leases() models.Leases               { return nil }
func (*authOnlyStore) KeyedRequests() models.KeyedRequests { return nil }
func (*authOnlyStore) SourceAnswers() models.SourceAnswers { return nil }
func (s *authOnlyStore) Sessions() models.Sessions         { return authOnlySessions{nil, s} }

type authOnlySessions struct {
	models.Sessions
	store *authOnlyStore
}

func (s authOnlySessions) Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error) {
	s.store.calls.Add(1)
	return s.store.Store.Sessions().Authenticate(ctx, id, userID)
}

// Authenticating a request takes a single call of the store, which returns the session and the user with their role.
func TestAuthenticatingIsOneCall(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		store := &authOnlyStore{Store: s.services.Store}
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

// ownersCounter is a store that counts the calls of Users.Of.
type ownersCounter struct {
	models.Store
	calls atomic.Int32
}

func (s *ownersCounter) Users() models.Users { return ownersCounted{s.Store.Users(), s} }

type ownersCounted struct {
	models.Users
	store *ownersCounter
}

func (s ownersCounted) Of(ctx context.Context, ids []models.ID) ([]models.User, error) {
	s.store.calls.Add(1)
	return s.Users.Of(ctx, ids)
}

// A page of books looks up all owners in one call of the store. If all books are the caller's own, it makes no call.
func TestOwnersAreOneCall(t *testing.T) {
	s := newServer(t, nil)
	store := &ownersCounter{Store: s.services.Store}
	s.services.Store = store
	s.start()
	ada, bob, eve := s.signedIn("ada@example.com"), s.signedIn("bob@example.com"), s.signedIn("eve@example.com")
	own := s.addThreeBooks(ada.Token)
	s.addThreeBooks(bob.Token)
	s.addThreeBooks(eve.Token)
	for path, want := range map[string]int32{"/books/": 0, "/books/" + own[0]: 0, "/books/?scope=all": 1, "/books/?scope=all&limit=8": 1} {
		store.calls.Store(0)
		s.get(path, ada.Token).wantStatus(http.StatusOK)
		if got := store.calls.Load(); got != want {
			s.Errorf("%s: %d calls, want %d", path, got, want)
		}
	}
}

// knownInCounter is a store that counts the calls of Sessions.KnownIn.
type knownInCounter struct {
	models.Store
	calls atomic.Int32
}

func (s *knownInCounter) Sessions() models.Sessions { return knownInSessions{s.Store.Sessions(), s} }

type knownInSessions struct {
	models.Sessions
	store *knownInCounter
}

func (s knownInSessions) KnownIn(ctx context.Context, userID models.ID, network string, at time.Time) (bool, error) {
	s.store.calls.Add(1)
	return s.Sessions.KnownIn(ctx, userID, network, at)
}

// A throttled log-in makes the same calls to the store whether or not the account exists.
func TestThrottledLoginsCostTheSame(t *testing.T) {
	eachEngineBehindProxy(t, map[string]string{"NETWORK_LIMIT": "1/1h"}, func(s *testServer) {
		store := &knownInCounter{Store: s.services.Store}
		s.services.Store = store
		s.start()
		s.signedIn("ada@example.com")
		s.loginFrom("192.0.2.1", "eve@example.com", wrong).wantStatus(http.StatusNotFound)
		for i, email := range []string{"ada@example.com", "nobody@example.com"} {
			s.loginFrom("192.0.2.1", email, wrong).wantStatus(http.StatusTooManyRequests)
			if n := int(store.calls.Load()); n != i+1 {
				s.Errorf("%s: %d calls of KnownIn, want one", email, n-i)
			}
		}
	})
}
