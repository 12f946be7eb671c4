package auth

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

var tokens = NewTokens(secret, time.Hour, time.Now)

func TestRefreshTokens(t *testing.T) {
	first := tokens.NewRefresh(sessionID, userID)
	if first.SessionID != sessionID || first.UserID != userID || first == tokens.NewRefresh(sessionID, userID) {
		t.Errorf("got %+v, want the ids and a secret that is new each time", first)
	}
	text := tokens.FormatRefresh(first)
	if read, err := tokens.ParseRefresh(text); err != nil || read != first {
		t.Errorf("%s is parsed as %+v (%v), want %+v", text, read, err, first)
	}
	if len(text) != 96 || len(first.Hash()) != 64 || strings.Contains(text, first.Hash()) {
		t.Errorf("the token is %s, its hash %s", text, first.Hash())
	}
	next := tokens.NextRefresh(first)
	if next == first || next != tokens.NextRefresh(first) || next.SessionID != sessionID || next.UserID != userID {
		t.Errorf("%+v follows %+v", next, first)
	}
	if id := tokens.AccessID(first); id != tokens.AccessID(first) || id == tokens.AccessID(next) || len(id) < 20 {
		t.Errorf("the access tokens' ids are %q and %q", id, tokens.AccessID(next))
	}
}

// The next token depends on the server's secret.
func TestNextRefreshTokenNeedsTheKey(t *testing.T) {
	other := NewTokens(bytes.Repeat([]byte("x"), MinSecret), time.Hour, time.Now)
	first := tokens.NewRefresh(sessionID, userID)
	if tokens.NextRefresh(first) == other.NextRefresh(first) || tokens.AccessID(first) == other.AccessID(first) {
		t.Error("the next token or the access id does not depend on the server's secret")
	}
	keys := [][]byte{tokens.refresh.tag, tokens.refresh.next, tokens.refresh.id, tokens.secret}
	for i, key := range keys {
		for _, another := range keys[:i] {
			if bytes.Equal(key, another) {
				t.Error("two keys are equal")
			}
		}
	}
}

// A token with any byte changed is rejected.
func TestForgedRefreshTokens(t *testing.T) {
	genuine := tokens.FormatRefresh(tokens.NewRefresh(sessionID, userID))
	b, err := base64.RawURLEncoding.DecodeString(genuine)
	if err != nil {
		t.Fatal(err)
	}
	forged := []string{
		"", "x", genuine + "A", genuine[:len(genuine)-1], genuine[1:], "\n" + genuine[1:], "!" + genuine[1:],
		strings.Repeat("A", 96), strings.Repeat(genuine, 1000),
		NewTokens(bytes.Repeat([]byte("x"), MinSecret), time.Hour, time.Now).FormatRefresh(tokens.NewRefresh(sessionID, userID)),
	}
	for i := range b {
		changed := bytes.Clone(b)
		changed[i] ^= 1
		forged = append(forged, base64.RawURLEncoding.EncodeToString(changed))
	}
	for _, s := range forged {
		if _, err := tokens.ParseRefresh(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.100q: %v, want ErrInvalid", s, err)
		}
	}
}

func FuzzParseRefresh(f *testing.F) {
	first := RefreshToken{SessionID: sessionID, UserID: userID} // not random: all fuzzing processes need the same token
	f.Add(tokens.FormatRefresh(first))
	f.Add("")
	f.Add(strings.Repeat("A", 96))
	f.Add(strings.Repeat("\n", 96))
	f.Fuzz(func(t *testing.T, s string) {
		read, err := tokens.ParseRefresh(s)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if read != first || tokens.FormatRefresh(read) != s {
			t.Errorf("%q was never issued and is parsed as %+v", s, read)
		}
	})
}
