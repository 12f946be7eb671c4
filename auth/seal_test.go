package auth

import (
	"bytes"
	"testing"
)

func TestSeal(t *testing.T) {
	const content = "https://books.example.com/?invitation=secret"
	s := NewSealer(bytes.Repeat([]byte("ab"), 16))
	sealed := s.Seal([]byte(content), "a")
	if got, err := s.Open(sealed, "a"); err != nil || string(got) != content {
		t.Errorf("opened %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte("secret")) || bytes.Equal(sealed, s.Seal([]byte(content), "a")) {
		t.Error("the content or its repetition shows")
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another name":   func() ([]byte, error) { return s.Open(sealed, "b") },
		"another secret": func() ([]byte, error) { return NewSealer(bytes.Repeat([]byte("cd"), 16)).Open(sealed, "a") },
		"a changed byte": func() ([]byte, error) { return s.Open(changed, "a") },
		"nothing":        func() ([]byte, error) { return s.Open(nil, "a") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened %q", name, got)
		}
	}
}
