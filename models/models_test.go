package models

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestIDs(t *testing.T) {
	now := time.Unix(0x6b0342e8, 0)
	previous := NewID(now)
	for range 1000 {
		id := NewID(now)
		if len(id) != 24 || !strings.HasPrefix(string(id), "6b0342e8") || id <= previous {
			t.Fatalf("%s follows %s", id, previous)
		}
		if parsed, err := ParseID(strings.ToUpper(string(id))); err != nil || parsed != id {
			t.Fatalf("%s is parsed as %s (%v)", id, parsed, err)
		}
		previous = id
	}
}

func TestPartsOfAnID(t *testing.T) {
	id, other := NewID(time.Unix(0x6b0342e8, 0)), NewID(time.Unix(0x6b0342e8, 0))
	var previous ID
	for n := range 100 {
		part := id.Part(n)
		if len(part) != 24 || part[:8] != "6b0342e8" || part <= previous || part != id.Part(n) || part == other.Part(n) {
			t.Fatalf("%s follows %s", part, previous)
		}
		previous = part
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0123456789abcdefABCDEF01")
	f.Add("")
	f.Add("0123456789abcdef0123456g")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			return
		}
		if string(id) != strings.ToLower(s) || len(id) != 24 {
			t.Errorf("%q is parsed as %q", s, id)
		}
	})
}

func TestErrors(t *testing.T) {
	cause := errors.New("the cause")
	template := &Error{Code: Conflict, Message: "User already exists"}
	err := fmt.Errorf("wrapped: %w", template.WithCause(cause))
	if !errors.Is(err, cause) || CodeOf(err) != Conflict || template.Err != nil {
		t.Errorf("%v has code %d; the template's cause is %v", err, CodeOf(err), template.Err)
	}
	if CodeOf(cause) != Internal {
		t.Errorf("an error of another type has code %d", CodeOf(cause))
	}
	if err := InvalidFields(Fields{}); err != nil {
		t.Errorf("no invalid fields: %v", err)
	}
}

func TestCategories(t *testing.T) {
	for category, want := range map[string]string{
		"poetry": "poetry", "peotry": "poetry", " PEOTRY ": "poetry", "Picture Book": "picture book", "politics": "politics",
	} {
		if got, err := DefaultCategories.Resolve(category); got != want || err != nil {
			t.Errorf("%q is %q (%v), want %q", category, got, err, want)
		}
	}
	for _, category := range []string{"", " ", "politicspicture book", "cooking"} {
		if got, err := DefaultCategories.Resolve(category); got != "" || err == nil {
			t.Errorf("%q is %q (%v), want an error", category, got, err)
		}
	}
}
