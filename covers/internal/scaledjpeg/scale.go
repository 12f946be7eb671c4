package scaledjpeg

import "image"

// Scale is the size to decode at, in eighths of the file's own: so many samples along each side become of a block of 8×8.
type Scale int

// The scales there are.
const (
	Eighth  Scale = 1
	Quarter Scale = 2
	Half    Scale = 4
	Full    Scale = 8
)

// Size is the size a picture has at this scale, rounded up as libjpeg does: the last column and row may hold less than
// a whole sample of the picture, filled up with what the encoder put beyond its edge.
func (s Scale) Size(full image.Point) image.Point {
	return image.Pt(ceilDiv(full.X*int(s), 8), ceilDiv(full.Y*int(s), 8))
}

// Extent is the size a picture has at this scale, not rounded.
func (s Scale) Extent(full image.Point) (width, height float64) {
	return float64(full.X*int(s)) / 8, float64(full.Y*int(s)) / 8
}

// enough is how much larger than the result a picture must be decoded, in thirds, for a good filter to do the rest. With
// Lanczos and these, photographs come within 50 dB of what it makes of the whole picture, in luma and in chroma as an
// encoder keeps it; the worst case, a zone plate of all frequencies at once, within 38. The more points a DCT has, the
// better it keeps out what the scale cannot show, and the less is needed.
var enough = []struct {
	scale  Scale
	thirds int
}{{Eighth, 6}, {Quarter, 5}, {Half, 4}}

// ScaleFor is the least scale from which a picture of good quality can be made whose longer side has so many pixels.
func ScaleFor(full image.Point, side int) Scale {
	for _, e := range enough {
		if max(full.X, full.Y)*int(e.scale)*3 >= side*8*e.thirds {
			return e.scale
		}
	}
	return Full
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// position tells for each coefficient, in zigzag order, where it goes in the N×N corner that is kept of a block, row by
// row; dump if it is none of the corner.
type position [64]uint8

// dump is where the coefficients go that are not wanted: behind the largest corner.
const dump = 64

// zigzag is the order in which a block's coefficients are stored: each one's place in the block, row by row (T.81,
// figure A.6).
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// corner is what a scale keeps of a block's coefficients.
type corner struct {
	n        int // samples along a side
	position position
	last     int    // the last coefficient of the corner, in zigzag order: 0, 4, 24 or 63
	wanted   uint64 // bit k: the corner has coefficient k
}

// corners are those of the four scales.
var corners = map[Scale]*corner{Eighth: newCorner(1), Quarter: newCorner(2), Half: newCorner(4), Full: newCorner(8)}

func newCorner(n int) *corner {
	c := &corner{n: n}
	for k, natural := range zigzag {
		x, y := int(natural)%8, int(natural)/8
		c.position[k] = dump
		if x < n && y < n {
			c.position[k] = uint8(y*n + x)
			c.last = k
			c.wanted |= 1 << k
		}
	}
	return c
}
