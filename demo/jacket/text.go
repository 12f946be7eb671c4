package jacket

import (
	"image"
	"math"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// typeface is one of the Go fonts. They have Latin, Greek and Cyrillic letters.
type typeface struct{ *opentype.Font }

var (
	regular    = parse(goregular.TTF)
	medium     = parse(gomedium.TTF)
	bold       = parse(gobold.TTF)
	italic     = parse(goitalic.TTF)
	boldItalic = parse(gobolditalic.TTF)
	smallCaps  = parse(gosmallcaps.TTF)
)

func parse(ttf []byte) typeface {
	f, err := opentype.Parse(ttf)
	if err != nil {
		panic(err) // the fonts are part of the program
	}
	return typeface{f}
}

// face returns the typeface at a size.
func (t typeface) face(size float64) font.Face {
	f, err := opentype.NewFace(t.Font, &opentype.FaceOptions{Size: size * scale, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(err) // NewFace returns no errors for these options
	}
	return f
}

// The proportions of the Go fonts and of a block of text, relative to the size of the font.
const (
	capHeight = 0.72
	leading   = 1.2 // from one baseline to the next
)

// spec is how a text is to be set.
type spec struct {
	width, height float64 // the space
	largest       float64 // the largest size of the font
	lines         int     // the most lines
	tracking      float64 // the space added after each letter, in parts of the size
}

// block is a text that has been broken into lines.
type block struct {
	lines    []string
	face     font.Face
	size     float64
	tracking float64
}

// The smallest size of a font, and the size at which lines are measured. Widths at other sizes follow from it, because the
// width of a line is proportional to the size.
const (
	smallest  = 11
	reference = 100
)

// set breaks a text into lines of about equal length, in the largest size in which the text fits. If a line would have only a
// short word, such as "of", set uses a somewhat smaller size.
func set(text string, t typeface, s spec) block {
	words := strings.Fields(text)
	measuring := block{face: t.face(reference), size: reference, tracking: s.tracking}
	at := func(size float64) block {
		return block{lines: breakLines(words, measuring.width, s.width*reference/size), size: size, tracking: s.tracking}
	}
	fits := func(b block) bool {
		return len(b.lines) <= s.lines && b.height() <= s.height && measuring.widest(b.lines)*b.size/reference <= s.width
	}
	b := at(s.largest)
	for !fits(b) && b.size > smallest {
		b = at(b.size - 1)
	}
	tidy := b
	for tidy.hasShortLine() && tidy.size > 0.7*b.size {
		tidy = at(tidy.size - 1)
	}
	if !tidy.hasShortLine() {
		b = tidy
	}
	b.face = t.face(b.size)
	return b
}

// hasShortLine reports whether a line before the last has at most three letters.
func (b block) hasShortLine() bool {
	for i, line := range b.lines {
		if i < len(b.lines)-1 && utf8.RuneCountInString(line) <= 3 {
			return true
		}
	}
	return false
}

// breakLines breaks words into as few lines as the width allows, so that the longest line is as short as possible.
func breakLines(words []string, width func(string) float64, widest float64) []string {
	lines := wrap(words, width, widest)
	for limit := widest; limit > 0; limit -= widest / 50 {
		narrower := wrap(words, width, limit)
		if len(narrower) > len(lines) {
			break
		}
		lines = narrower
	}
	return lines
}

// wrap fills one line after another with as many words as fit. A word that is wider than a line has a line of its own.
func wrap(words []string, width func(string) float64, widest float64) []string {
	var lines []string
	for _, word := range words {
		if last := len(lines) - 1; last >= 0 && width(lines[last]+" "+word) <= widest {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}

// widest returns the width of the longest line.
func (b block) widest(lines []string) float64 {
	widest := 0.0
	for _, line := range lines {
		widest = max(widest, b.width(line))
	}
	return widest
}

// width returns the width of a line.
func (b block) width(line string) float64 {
	letters := float64(utf8.RuneCountInString(line) - 1)
	return float64(font.MeasureString(b.face, line))/(64*scale) + letters*b.tracking*b.size
}

// height returns the height of the block, from the top of the capitals in the first line to the last baseline.
func (b block) height() float64 {
	return b.size * (capHeight + leading*float64(len(b.lines)-1))
}

// align is the place of the x coordinate in a line: the left edge, the middle or the right edge.
type align float64

// The alignments.
const (
	left   align = 0
	center align = 0.5
)

// draw draws the text. The top of the capitals in the first line is at y.
func (b block) draw(img *image.RGBA, color shade, x, y float64, a align) {
	drawer := font.Drawer{Dst: img, Src: image.NewUniform(color.rgba()), Face: b.face}
	for i, line := range b.lines {
		baseline := y + b.size*(capHeight+leading*float64(i))
		drawer.Dot = fixed.Point26_6{X: pixels(x - float64(a)*b.width(line)), Y: pixels(baseline)}
		previous := rune(-1)
		for _, letter := range line {
			if previous >= 0 {
				drawer.Dot.X += b.face.Kern(previous, letter) + pixels(b.tracking*b.size)
			}
			drawer.DrawString(string(letter))
			previous = letter
		}
	}
}

// pixels converts a length to pixels, in the fixed-point format of package font.
func pixels(n float64) fixed.Int26_6 { return fixed.Int26_6(math.Round(n * scale * 64)) }
