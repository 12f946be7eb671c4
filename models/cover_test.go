package models

import (
	"slices"
	"testing"
)

func TestKeysOfACover(t *testing.T) {
	c := Cover{Name: "0123456789abcdef0123456789abcdef", Sizes: []int{150, 300}}
	want := []string{"0123456789abcdef0123456789abcdef-150.jpg", "0123456789abcdef0123456789abcdef-300.jpg"}
	if got := c.Keys(); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	for _, key := range want {
		if got := CoverOf(key); got != c.Name {
			t.Errorf("%s is of %q, want %s", key, got, c.Name)
		}
	}
	if keys := (Cover{}).Keys(); len(keys) != 0 {
		t.Errorf("no cover has keys: %v", keys)
	}
}

func TestNewCoversDiffer(t *testing.T) {
	a, b := NewCover([]int{150}), NewCover([]int{150})
	if a.Name == b.Name || CoverOf(a.Key(150)) != a.Name {
		t.Errorf("covers %+v and %+v", a, b)
	}
}

func TestBlobsOfOthersAreOfNoCover(t *testing.T) {
	for _, key := range []string{
		"", "-150.jpg", "summer-2019.jpg", "0123456789abcdef0123456789abcdef.jpg", "0123456789abcdef0123456789abcdef-.jpg",
		"0123456789abcdef0123456789abcdef-0.jpg", "0123456789abcdef0123456789abcdef-0150.jpg",
		"0123456789abcdef0123456789abcdef--1.jpg", "0123456789abcdef0123456789abcdef-150.png",
		"0123456789ABCDEF0123456789ABCDEF-150.jpg", "a0123456789abcdef0123456789abcdef-150.jpg",
		"0123456789abcdef0123456789abcdef-150.jpg\n",
	} {
		if got := CoverOf(key); got != "" {
			t.Errorf("%q is of %q", key, got)
		}
	}
}
