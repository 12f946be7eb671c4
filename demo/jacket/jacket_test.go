package jacket

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// Text on a jacket has at least the contrast that WCAG 2.2 requires at level AA (success criterion 1.4.3).
func TestTextIsReadable(t *testing.T) {
	for _, p := range palettes {
		for _, ground := range []shade{p.ground, p.deep} {
			if ratio := contrast(p.light, ground); ratio < 4.5 {
				t.Errorf("%06x on %06x: contrast %.2f, want 4.5 or more", p.light, ground, ratio)
			}
		}
	}
}

// contrast returns the contrast ratio of two colours, as WCAG defines it.
func contrast(light, dark shade) float64 { return (luminance(light) + 0.05) / (luminance(dark) + 0.05) }

func luminance(s shade) float64 {
	linear := func(channel uint8) float64 {
		c := float64(channel) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	c := s.rgba()
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// A jacket fills the whole picture and differs from other jackets. The same title always has the same jacket.
func TestJackets(t *testing.T) {
	long := strings.Repeat("long title ", 45)
	pictures := map[string]bool{}
	titles := []string{"", "A", "Преступление и наказание", "Philosophiæ Naturalis Principia Mathematica", long, strings.Repeat("x", 500)}
	for i := range 60 {
		titles = append(titles, strings.Repeat("Book ", i%7+1)+string(rune('!'+i)))
	}
	for _, title := range titles {
		img := Draw(title, []string{"Johann Wolfgang von Goethe", "A. Nother"})
		if !img.Opaque() {
			t.Errorf("%q: the jacket is not opaque", title)
		}
		if !bytes.Equal(img.Pix, Draw(title, []string{"Johann Wolfgang von Goethe", "A. Nother"}).Pix) {
			t.Errorf("%q: two jackets differ", title)
		}
		pictures[string(img.Pix)] = true
	}
	if len(pictures) != len(titles) {
		t.Errorf("%d titles have %d jackets", len(titles), len(pictures))
	}
}

func TestSet(t *testing.T) {
	s := spec{width: 232, height: 190, largest: 40, lines: 5}
	for _, test := range []struct{ text, want string }{
		{"Emma", "Emma"},
		{"The Wonderful Wizard of Oz", "The Wonderful/Wizard of Oz"},
		{"The Principles of Psychology", "The Principles/of Psychology"},
		{"", ""},
	} {
		b := set(test.text, bold, s)
		if got := strings.Join(b.lines, "/"); got != test.want {
			t.Errorf("lines %q, want %q", got, test.want)
		}
		if b.widest(b.lines) > s.width || b.height() > s.height {
			t.Errorf("%q is %.0f×%.0f", test.text, b.widest(b.lines), b.height())
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for b.Loop() {
		Draw("The Adventures of Sherlock Holmes", []string{"Arthur Conan Doyle"})
	}
}
