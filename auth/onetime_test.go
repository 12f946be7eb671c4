package auth

import (
	"strings"
	"testing"
)

func TestOneTimeToken(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token, hash := NewOneTimeToken()
		if got, err := HashOneTimeToken(token); err != nil || got != hash {
			t.Fatalf("%s: hash %s, error %v, want %s", token, got, err, hash)
		}
		if len(hash) != 64 || strings.Contains(hash, token) || seen[token] || seen[hash] {
			t.Fatalf("token %s, hash %s", token, hash)
		}
		seen[token], seen[hash] = true, true
	}
}

func TestInvalidOneTimeToken(t *testing.T) {
	token := strings.Repeat("A", 43)
	for _, wrong := range []string{
		"", token[1:], token + "A", token + "=", token[1:] + "+", token[1:] + "/", token[1:] + " ", token[1:] + "\n",
		token[1:] + "B", // another encoding of the same token: bits after the last byte are set
		strings.Repeat("A", 1<<20),
	} {
		if hash, err := HashOneTimeToken(wrong); err == nil {
			t.Errorf("%.60q has the hash %s", wrong, hash)
		}
	}
}

// Two different strings are never accepted as the same token.
func FuzzHashOneTimeToken(f *testing.F) {
	token, _ := NewOneTimeToken()
	f.Add(token, token[:42]+"B")
	f.Add(strings.Repeat("A", 43), strings.Repeat("A", 42)+"B")
	f.Add(token+"\n", "\n"+token)
	f.Fuzz(func(t *testing.T, a, b string) {
		hashA, errA := HashOneTimeToken(a)
		hashB, errB := HashOneTimeToken(b)
		if errA == nil && errB == nil && a != b && hashA == hashB {
			t.Errorf("%q and %q have the same hash", a, b)
		}
		if errA == nil && len(a) != 43 {
			t.Errorf("%q is accepted", a)
		}
	})
}
