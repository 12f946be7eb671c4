package auth

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bookplate/models"
)

const (
	userID    = models.ID("0123456789abcdef01234567")
	sessionID = models.ID("89abcdef0123456701234567")
)

// session expires later than its tokens.
var session = models.Session{ID: sessionID, UserID: userID, ExpiresAt: time.Now().AddDate(10, 0, 0)}

var secret = []byte("0123456789abcdef0123456789abcdef")

// Package handlers has the tests of attacks on tokens.
func TestTokens(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 999_000_000, time.UTC)
	tokens := NewTokens(secret, time.Hour, func() time.Time { return now })
	token, expires, err := tokens.Issue(session, "an id", now)
	if err != nil || expires != now.Add(time.Hour) {
		t.Fatalf("expires %v, error %v", expires, err)
	}
	claims, err := tokens.Verify(token)
	if err != nil || claims != (Claims{userID, sessionID}) {
		t.Errorf("claims %+v, error %v", claims, err)
	}
	if again, _, err := tokens.Issue(session, "an id", now); err != nil || again != token {
		t.Errorf("the same id and time give another token (%v)", err)
	}
	if other, _, err := tokens.Issue(session, "another id", now); err != nil || other == token {
		t.Errorf("two ids give the same token (%v)", err)
	}
	payload := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, payload); err != nil {
		t.Fatal(err)
	}
	for claim, want := range map[string]any{
		"sub": string(userID), "user_id": string(userID), "sid": string(sessionID), "typ": "access", "iss": "bookplate", "jti": "an id",
		"iat": float64(now.Unix()), "exp": float64(now.Unix() + 3600),
	} {
		if payload[claim] != want {
			t.Errorf("%s is %v, want %v", claim, payload[claim], want)
		}
	}
	now = now.Add(time.Hour)
	if _, err := tokens.Verify(token); !errors.Is(err, ErrExpired) {
		t.Errorf("an hour later: %v, want ErrExpired", err)
	}
}

// A token that was verified before is checked against the clock again.
func TestVerifiedTokens(t *testing.T) {
	now := time.Now()
	tokens := NewTokens(secret, time.Hour, func() time.Time { return now })
	var first string
	for i := range maxVerified + 1 {
		token, _, err := tokens.Issue(session, strconv.Itoa(i), now)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = token
		}
		if _, err := tokens.Verify(token); err != nil {
			t.Fatalf("token %d: %v", i, err)
		}
	}
	if n := len(tokens.known.tokens); n > maxVerified {
		t.Errorf("%d tokens are remembered, want at most %d", n, maxVerified)
	}
	if _, err := tokens.Verify(first); err != nil {
		t.Errorf("a token that was forgotten: %v", err)
	}
	begin := now
	for _, c := range []struct {
		name string
		at   time.Time
		want error
	}{
		{"a second time", begin, nil},
		{"before it is valid", begin.Add(-time.Minute), ErrInvalid},
		{"after it has expired", begin.Add(time.Hour), ErrExpired},
	} {
		now = c.at
		if _, err := tokens.Verify(first); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	now = begin
	if _, err := tokens.Verify(first + "A"); !errors.Is(err, ErrInvalid) {
		t.Errorf("a token with another signature: %v, want ErrInvalid", err)
	}
}

// No token expires later than its session.
func TestTokensEndWithTheirSession(t *testing.T) {
	now := time.Now()
	short := models.Session{ID: sessionID, UserID: userID, ExpiresAt: now.Add(time.Minute)}
	if _, expires, err := NewTokens(secret, time.Hour, time.Now).Issue(short, "an id", now); err != nil || expires != short.ExpiresAt {
		t.Errorf("expires %v, error %v; want %v", expires, err, short.ExpiresAt)
	}
}

// A copy of the server whose clock is behind accepts a new token.
func TestTokensAllowForClockSkew(t *testing.T) {
	now := time.Now()
	token, _, err := NewTokens(secret, time.Hour, time.Now).Issue(session, "an id", now)
	if err != nil {
		t.Fatal(err)
	}
	behind := NewTokens(secret, time.Hour, func() time.Time { return now.Add(-clockSkew) })
	if _, err := behind.Verify(token); err != nil {
		t.Error(err)
	}
}

func FuzzVerify(f *testing.F) {
	tokens := NewTokens(secret, time.Hour, time.Now)
	token, _, err := tokens.Issue(session, "an id", time.Now())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("..")
	f.Add(strings.Repeat(".", maxToken+1))
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, s string) {
		claims, err := tokens.Verify(s)
		if err == nil && claims != (Claims{userID, sessionID}) {
			t.Errorf("%q was never issued and has the claims %+v", s, claims)
		}
		if err != nil && !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrExpired) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
