package handlers

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

// tryRefresh uses a refresh token and returns the answer.
func (s *testServer) tryRefresh(token string) answer {
	s.Helper()
	return s.do(call{method: "POST", path: "/auth/refresh", token: token})
}

// refresh uses a refresh token and returns the new tokens.
func (s *testServer) refresh(token string) tokens {
	s.Helper()
	return data[tokens](s.tryRefresh(token).wantStatus(http.StatusOK), "Successfully refreshed auth token")
}

// wantSessionEnded checks that all of these access tokens and refresh tokens are rejected.
func (s *testServer) wantSessionEnded(all ...tokens) {
	s.Helper()
	for _, pair := range all {
		s.get("/users/", pair.Token).wantInvalidToken("The token is malformed, forged or revoked")
		s.tryRefresh(pair.RefreshToken).wantInvalidToken("The token is malformed, forged or revoked")
	}
}

func TestRefresh(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		pairs := []tokens{ada.tokens}
		for i, send := range []func(token string) answer{
			s.tryRefresh,
			func(token string) answer {
				return s.json("POST", "/auth/refresh/", "", `{"refresh_token":"`+token+`"}`)
			},
			func(token string) answer {
				return s.form("POST", "/auth/refresh", "", field{name: "refresh_token", value: token})
			},
			// This client also sends its access token, in the Authorization header.
			func(token string) answer {
				return s.json("POST", "/auth/refresh", ada.Token, `{"refresh_token":"`+token+`"}`)
			},
		} {
			s.clock.move(time.Hour)
			pair := data[tokens](send(pairs[i].RefreshToken).wantStatus(http.StatusOK), "Successfully refreshed auth token")
			if pair.TokenType != "Bearer" || pair.ExpiresIn != 24*60*60 || pair.Token == pairs[i].Token {
				s.Errorf("refreshed to %+v", pair)
			}
			me := data[user](s.get("/users/", pair.Token), "successfully retrieved user profile")
			if me.ID != ada.ID {
				s.Errorf("the new token is %s's, want %s's", me.ID, ada.ID)
			}
			pairs = append(pairs, pair)
		}
		s.get("/users/", ada.Token).wantStatus(http.StatusOK) // valid, because it has not expired and its session continues
	})
}

func TestRefreshWithOddBodies(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	const wrong = `{"message":"Invalid data","data":null,"error":{"refresh_token":"must be text"}}`
	s.json("POST", "/auth/refresh", "", `{"refresh_token":{"$ne":""}}`).want(http.StatusBadRequest, wrong)
	s.json("POST", "/auth/refresh", "", `[]`).wantStatus(http.StatusUnauthorized)
	s.do(call{method: "POST", path: "/auth/refresh", contentType: "image/png", body: "x", token: ada.RefreshToken}).
		wantStatus(http.StatusUnsupportedMediaType)
	s.refresh(ada.RefreshToken)
}

// A client that did not receive the answer to a refresh may repeat the request. For ten seconds, it gets the same
// tokens again.
func TestRefreshAgainAtOnce(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.clock.move(time.Hour)
		lost := s.refresh(ada.RefreshToken)
		s.clock.move(10*time.Second - time.Millisecond)
		again := s.refresh(ada.RefreshToken)
		if again.Token != lost.Token || again.RefreshToken != lost.RefreshToken {
			s.Errorf("the answer was %+v, and again %+v", lost, again)
		}
		s.clock.move(time.Millisecond)
		s.tryRefresh(ada.RefreshToken).wantInvalidToken("The token is malformed, forged or revoked")
		s.wantSessionEnded(ada.tokens, lost)
	})
}

// If a refresh token is used again after its successor was used, one of the two clients may be a thief, so the session
// ends.
func TestRefreshReplay(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		other := s.login("ada@example.com")
		second := s.refresh(ada.RefreshToken)
		third := s.refresh(second.RefreshToken)
		s.tryRefresh(ada.RefreshToken).wantInvalidToken("The token is malformed, forged or revoked")
		s.wantSessionEnded(ada.tokens, second, third)
		s.refresh(other.RefreshToken) // the account's other session continues
		s.wantLogged("a refresh token was used again")
	})
}

// anotherCopy returns another server with the store and the secret of s, like another process.
func (s *testServer) anotherCopy() *testServer {
	s.Helper()
	other := *s
	other.services.Tokens = auth.NewTokens(testSecret, s.services.Config.AccessTokenTTL, s.clock.now)
	other.start()
	return &other
}

func TestRefreshesAtOnceOnTwoCopies(t *testing.T) {
	bothEngines(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		copies := []*testServer{s, s.anotherCopy()}
		pairs := map[tokens]int{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				pair := data[tokens](copies[i%2].tryRefresh(ada.RefreshToken), "Successfully refreshed auth token")
				mu.Lock()
				defer mu.Unlock()
				pairs[pair]++
			})
		}
		wg.Wait()
		if len(pairs) != 1 {
			s.Errorf("20 concurrent refreshes returned %d pairs, want 1", len(pairs))
		}
		for pair := range pairs {
			s.refresh(pair.RefreshToken)
			copies[1].tryRefresh(ada.RefreshToken).wantStatus(http.StatusUnauthorized)
			copies[0].wantSessionEnded(pair)
		}
	})
}

// If the store has replaced a refresh token but returned an error, the client can refresh again with the old token.
func TestRefreshWithLostAnswer(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.withHook(func() {}, &models.Error{Code: models.Unavailable}).tryRefresh(ada.RefreshToken).
			wantStatus(http.StatusServiceUnavailable)
		s.refresh(s.refresh(ada.RefreshToken).RefreshToken)
	})
}

// If a session ends during a refresh, the refresh does not restore it.
func TestRefreshOfSessionThatEnds(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		ending := s.withHook(func() {
			if err := s.services.Store.Sessions().DeleteAll(s.Context(), models.ID(ada.ID), ""); err != nil {
				s.Error(err)
			}
		}, nil)
		ending.tryRefresh(ada.RefreshToken).wantInvalidToken("The token is malformed, forged or revoked")
		s.wantSessionEnded(ada.tokens)
		ada.tokens = s.login("ada@example.com").tokens
		ending.do(call{method: "POST", path: "/v1/user/refresh_token/", token: ada.RefreshToken}).
			want(http.StatusUnauthorized, `{"message":"invalid user"}`)
		s.wantSessionEnded(ada.tokens)
	})
}

// Refreshing does not extend a session beyond 30 days, and no access token expires later than its session.
func TestRefreshEndsWithTheSession(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		pair := s.signedIn("ada@example.com").tokens
		for range 29 {
			s.clock.move(24 * time.Hour)
			pair = s.refresh(pair.RefreshToken)
		}
		s.clock.move(23 * time.Hour)
		pair = s.refresh(pair.RefreshToken)
		if pair.ExpiresIn != 60*60 {
			s.Errorf("an hour before the end, a token lasts %d s", pair.ExpiresIn)
		}
		s.clock.move(time.Hour)
		s.get("/users/", pair.Token).wantInvalidToken("The token has expired")
		s.tryRefresh(pair.RefreshToken).wantInvalidToken("The token has expired")
	})
}

func TestRefreshTokenTTL(t *testing.T) {
	s := newServer(t, map[string]string{"ACCESS_TOKEN_TTL": "1m", "REFRESH_TOKEN_TTL": "1h"})
	ada := s.signedIn("ada@example.com")
	if ada.ExpiresIn != 60 {
		t.Errorf("expires in %d s, want 60", ada.ExpiresIn)
	}
	s.clock.move(59 * time.Minute)
	s.get("/users/", ada.Token).wantInvalidToken("The token has expired")
	s.refresh(ada.RefreshToken)
}

func TestRefreshOfDisabledAccount(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		s.do(call{method: "DELETE", path: "/users/", token: ada.Token}).wantStatus(http.StatusNoContent)
		s.tryRefresh(ada.RefreshToken).
			want(http.StatusForbidden, `{"message":"Forbidden","data":null,"error":"The account is disabled"}`)
	})
}

// Neither the log nor the database has a token in plain text.
func TestRefreshTokensAreKeptHashed(t *testing.T) {
	eachEngine(t, func(s *testServer) {
		ada := s.signedIn("ada@example.com")
		next := s.refresh(ada.RefreshToken)
		sessions, err := s.services.Store.Sessions().List(s.Context(),
			models.SessionFilter{UserID: models.ID(ada.ID), At: s.clock.now(), Limit: 10})
		if err != nil || len(sessions) != 1 {
			s.Fatalf("%d sessions, error %v", len(sessions), err)
		}
		for _, token := range []string{ada.RefreshToken, next.RefreshToken} {
			parsed, err := s.services.Tokens.ParseRefresh(token)
			if err != nil {
				s.Fatal(err)
			}
			if hash := parsed.Hash(); hash != sessions[0].RefreshHash && hash != sessions[0].PreviousHash {
				s.Errorf("%+v has no hash of %s", sessions[0], token)
			}
			s.wantAbsent(fmt.Sprintf("%+v", sessions[0])+s.log.String(), token[32:])
		}
	})
}
