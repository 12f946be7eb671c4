package models

import (
	"slices"
	"testing"
)

func TestCoverKeys(t *testing.T) {
	c := Cover{Name: "0123456789abcdef0123456789abcdef", Sizes: []int{150, 300}}
	want := []string{"0123456789abcdef0123456789abcdef-150.jpg", "0123456789abcdef0123456789abcdef-300.jpg"}
	if got := c.Keys(); !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
	for _, key := range want {
		if got := CoverOf(key); got != c.Name {
			t.Errorf("%s belongs to %q, want %s", key, got, c.Name)
		}
	}
	if got := c.Thumbnail(); got != want[0] {
		t.Errorf("thumbnail %s, want %s", got, want[0])
	}
	if none := (Cover{}); len(none.Keys()) != 0 || none.Thumbnail() != "" {
		t.Errorf("no cover has keys: %v, %q", none.Keys(), none.Thumbnail())
	}
	old := Cover{Name: "0123456789abcdef0123456789abcdef.jpg"} // a cover of an older version has no sizes
	if keys := old.Keys(); !slices.Equal(keys, []string{old.Name}) || old.Thumbnail() != old.Name {
		t.Errorf("keys %v, thumbnail %s; want %s", keys, old.Thumbnail(), old.Name)
	}
}

func TestNewCoversDiffer(t *testing.T) {
	for _, mark := range []string{"", NewCoverMark()} { // names of older versions have no mark
		a, b := NewCover(mark, []int{150}), NewCover(mark, []int{150})
		if a.Name == b.Name || CoverOf(a.Key(150)) != a.Name || CoverMarkOf(a.Key(150)) != mark || CoverMarkOf(a.Key(300)) != mark {
			t.Errorf("covers %+v and %+v of %q", a, b, mark)
		}
	}
	if one, other := NewCoverMark(), NewCoverMark(); one == other {
		t.Error("two libraries have the same mark")
	}
}

func TestCoverOfIgnoresForeignKeys(t *testing.T) {
	for _, key := range []string{
		"", "-150.jpg", "summer-2019.jpg", "0123456789abcdef0123456789abcdef.jpg", "0123456789abcdef0123456789abcdef-.jpg",
		"0123456789abcdef0123456789abcdef-0.jpg", "0123456789abcdef0123456789abcdef-0150.jpg",
		"0123456789abcdef0123456789abcdef--1.jpg", "0123456789abcdef0123456789abcdef-150.png",
		"0123456789ABCDEF0123456789ABCDEF-150.jpg", "a0123456789abcdef0123456789abcdef-150.jpg",
		"0123456789abcdef0123456789abcdef-150.jpg\n", "0123456789abcdef0123456789abcdef01234567-150.jpg",
	} {
		if CoverOf(key) != "" || CoverMarkOf(key) != "" {
			t.Errorf("%q belongs to %q with the mark %q, want no cover", key, CoverOf(key), CoverMarkOf(key))
		}
	}
}
