// Package jacket draws covers for books: a title and an author on a pattern, a frame or a landscape. The same title always
// gets the same cover.
package jacket

import (
	"hash/fnv"
	"image"
	"strings"
)

// The size of a jacket, and the distance of its text from the edges. All lengths in this package are in units: see scale.
const (
	Width  = 400
	Height = 600
	margin = 36
)

// scale is the number of pixels in a unit. It makes a jacket as large as the large covers of Open Library. Two hundred such
// jackets take two thirds of the time that 400×600 pixels take to draw, encode and store.
const scale = 0.8

// Draw draws the cover of a book.
func Draw(title string, authors []string) *image.RGBA {
	d := newDice(title)
	p := newPainter(pick(d, palettes))
	title = strings.ReplaceAll(title, "'", "’")
	pick(d, layouts)(p, d, title, strings.Join(authors, ", "))
	return p.img
}

// layouts are the ways to arrange a jacket.
var layouts = []func(p *painter, d *dice, title, author string){label, band, framed, landscape, poster}

// dice makes random choices that depend only on a text (SplitMix64).
type dice uint64

func newDice(text string) *dice {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	d := dice(h.Sum64())
	return &d
}

// roll returns a number from 0 to n-1.
func (d *dice) roll(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) >> 33 % uint64(n)) //nolint:gosec // 31 bits
}

// pick returns one of the choices.
func pick[T any](d *dice, choices []T) T { return choices[d.roll(len(choices))] }

// label sets the text on a paper label over a pattern.
func label(p *painter, d *dice, title, author string) {
	p.rect(p.colors.ground, 0, 0, Width, Height)
	pick(d, patterns)(p, d)
	const width = Width - 2*56
	t := set(title, pick(d, []typeface{bold, smallCaps, medium}), spec{width: width - 56, height: 190, largest: 40, lines: 5})
	a := set(strings.ToUpper(author), regular, spec{width: width - 56, height: 60, largest: 13, lines: 3, tracking: 0.12})
	height := t.height() + a.height() + 128
	top := float64(Height)*0.44 - height/2
	p.rect(p.colors.ground, 56-5, top-5, width+10, height+10)
	p.rect(p.colors.light, 56, top, width, height)
	p.border(p.colors.ground, 56+9, top+9, width-18, height-18, 2)
	p.border(p.colors.ground, 56+14, top+14, width-28, height-28, 0.8)
	t.draw(p.img, p.colors.deep, Width/2, top+44, center)
	rule := top + 44 + t.height() + 24
	p.diamond(p.colors.accent, Width/2, rule, 4)
	p.rect(p.colors.accent, Width/2-44, rule-0.5, 34, 1)
	p.rect(p.colors.accent, Width/2+10, rule-0.5, 34, 1)
	a.draw(p.img, p.colors.deep, Width/2, rule+20, center)
}

// band sets the text on a plain ground below a pattern.
func band(p *painter, d *dice, title, author string) {
	const split = 330
	p.rect(p.colors.ground, 0, 0, Width, Height)
	pick(d, patterns)(p, d)
	ground, ink := p.colors.light, p.colors.deep
	if d.roll(2) == 0 {
		ground, ink = p.colors.deep, p.colors.light
	}
	p.rect(ground, 0, split, Width, Height-split)
	p.rect(p.colors.accent, 0, split, Width, 6)
	t := set(title, pick(d, []typeface{bold, medium, boldItalic}), spec{width: Width - 2*margin, height: 150, largest: 42, lines: 4})
	a := set(author, italic, spec{width: Width - 2*margin, height: 44, largest: 18, lines: 2})
	t.draw(p.img, ink, margin, split+40, left)
	a.draw(p.img, ink, margin, Height-margin-a.height(), left)
}

// framed sets the text above and below an ornament in a frame.
func framed(p *painter, d *dice, title, author string) {
	ground, ink := p.colors.ground, p.colors.light
	if d.roll(3) == 0 {
		ground, ink = p.colors.light, p.colors.deep
	}
	p.rect(ground, 0, 0, Width, Height)
	p.border(p.colors.accent, 18, 18, Width-36, Height-36, 2.5)
	p.border(p.colors.accent, 25, 25, Width-50, Height-50, 0.8)
	for _, corner := range [][2]float64{{25, 25}, {Width - 25, 25}, {25, Height - 25}, {Width - 25, Height - 25}} {
		p.diamond(ground, corner[0], corner[1], 14)
		p.diamond(p.colors.accent, corner[0], corner[1], 8)
	}
	t := set(title, pick(d, []typeface{smallCaps, bold, italic}), spec{width: Width - 2*54, height: 180, largest: 44, lines: 5})
	a := set(strings.ToUpper(author), medium, spec{width: Width - 2*60, height: 60, largest: 14, lines: 3, tracking: 0.14})
	t.draw(p.img, ink, Width/2, 68, center)
	bottom := Height - 66 - a.height()
	a.draw(p.img, ink, Width/2, bottom, center)
	space := bottom - 68 - t.height()
	pick(d, ornaments)(p, d, Width/2, 68+t.height()+space/2, min(105, space/2-30))
}

// landscape sets the text in the sky over hills or waves.
func landscape(p *painter, d *dice, title, author string) {
	sky, ink := p.colors.light, p.colors.deep
	layers := []shade{p.colors.second, p.colors.accent, p.colors.ground, p.colors.deep}
	if d.roll(2) == 0 {
		sky, ink = p.colors.deep, p.colors.light
		layers = []shade{p.colors.ground, p.colors.second, p.colors.accent, p.colors.light}
	}
	p.rect(sky, 0, 0, Width, Height)
	t := set(title, pick(d, []typeface{bold, medium, smallCaps}), spec{width: Width - 2*margin, height: 180, largest: 46, lines: 5})
	a := set(author, regular, spec{width: Width - 2*margin, height: 44, largest: 18, lines: 2})
	t.draw(p.img, ink, margin, 50, left)
	below := 50 + t.height() + 22
	a.draw(p.img, ink, margin, below, left)
	horizon := max(below+a.height()+120, 330)
	p.circle(p.colors.accent, float64(90+d.roll(220)), horizon-20, 58)
	p.hills(d, layers, horizon)
}

// poster sets the title in large letters over large shapes.
func poster(p *painter, d *dice, title, author string) {
	ground, ink := p.colors.ground, p.colors.light
	if d.roll(2) == 0 {
		ground, ink = p.colors.light, p.colors.deep
	}
	p.rect(ground, 0, 0, Width, Height)
	t := set(title, bold, spec{width: Width - 2*margin, height: 300, largest: 62, lines: 6})
	a := set(author, medium, spec{width: Width - 2*margin, height: 44, largest: 18, lines: 2})
	p.rect(p.colors.accent, margin, 40, 56, 7)
	a.draw(p.img, ink, margin, 66, left)
	top := 66 + a.height() + 34
	t.draw(p.img, ink, margin, top, left)
	pick(d, shapes)(p, d, max(top+t.height()+40, 330))
}
