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
		if _, err := ParsePlace(string(place)); err != nil {
			t.Fatal(err)
		}
		previous = place
	}
}

// However often books are moved to one place on a shelf, there is a place between its neighbours.
func TestPlacesBetween(t *testing.T) {
	first := NewPlace(start)
	for name, move := range map[string]func(low, high *Place) Place{
		"after the lower":  func(low, high *Place) Place { *high = Between(*low, *high); return *high },
		"before the upper": func(low, high *Place) Place { *low = Between(*low, *high); return *low },
	} {
		low, high := first, NewPlace(start)
		for i := range 500 {
			below, above := low, high
			place := move(&low, &high)
			if _, err := ParsePlace(string(place)); err != nil || place <= below || place >= above {
				t.Fatalf("%s, %d: %s is not between %s and %s (%v)", name, i, place, below, above, err)
			}
		}
	}
	for i, place := range []Place{Between("", first), Between(first, ""), Between(first, first)} {
		if _, err := ParsePlace(string(place)); err != nil || (place < first) != (i == 0) || place == first {
			t.Errorf("%d: %s beside %s: %v", i, place, first, err)
		}
	}
	if later := NewPlace(start.Add(2 * time.Millisecond)); Between(first, "") >= later {
		t.Errorf("a book that is added later comes before one that was moved to the end")
	}
}

func TestParsePlace(t *testing.T) {
	for _, s := range []string{"", "0123456789abcdef0123456", "0123456789abcdef0123456g", "0123456789ABCDEF01234567", "0123456789abcdef01234567 "} {
		if place, err := ParsePlace(s); err == nil {
			t.Errorf("%q is %s, want an error", s, place)
		}
	}
}
