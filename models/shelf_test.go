package models

import (
	"strings"
	"testing"
	"time"
)

func TestShelfNames(t *testing.T) {
	for s, want := range map[string]string{
		"wishlist": Wishlist, "CART": Cart, "to-read_2026": "to-read_2026", "Été": "été", strings.Repeat("é", 50): strings.Repeat("é", 50),
	} {
		if got, err := ShelfName(s); got != want || err != nil {
			t.Errorf("%q is %q (%v), want %q", s, got, err, want)
		}
	}
	for _, s := range []string{"", strings.Repeat("a", 51), "a b", "a/b", "..", "$x", "a\x00", "\xff", "\ufffd"} {
		if got, err := ShelfName(s); got != "" || err == nil {
			t.Errorf("%q is %q, want an error", s, got)
		}
	}
}

var start = time.Date(2026, time.May, 6, 7, 8, 9, 0, time.UTC)

func TestPlaces(t *testing.T) {
	previous := NewPlace(start)
	for i := range 1000 {
		place := NewPlace(start.Add(time.Duration(i/500) * time.Millisecond))
		if place <= previous {
			t.Fatalf("%s follows %s", place, previous)
		}
		if _, err := ParseID(string(place)); err != nil {
			t.Fatal(err)
		}
		previous = place
	}
}
