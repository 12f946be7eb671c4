package scaledjpeg

import "image"

// Scale is the scale to decode at, in eighths: a block of 8×8 samples becomes Scale×Scale samples.
type Scale int

// The supported scales.
const (
	Eighth  Scale = 1
	Quarter Scale = 2
	Half    Scale = 4
	Full    Scale = 8
)

// Size returns the size of a picture at this scale, rounded up like libjpeg does. So the picture may cover only a part
// of the last column and row of samples.
func (s Scale) Size(full image.Point) image.Point {
	return image.Pt(ceilDiv(full.X*int(s), 8), ceilDiv(full.Y*int(s), 8))
}

// Extent returns the exact size of a picture at this scale, in samples, without rounding.
func (s Scale) Extent(full image.Point) (width, height float64) {
	return float64(full.X*int(s)) / 8, float64(full.Y*int(s)) / 8
}

// oversampling says how large a picture must be decoded, in thirds of the size of the result, so that reducing it with
// Lanczos gives good quality. With these values, photographs have a PSNR of at least 50 dB against a reduction of the
// whole picture. The worst case, a zone plate, has 38 dB. Larger scales need less, because a DCT with more points
// causes less aliasing.
var oversampling = []struct {
	scale  Scale
	thirds int
}{{Eighth, 6}, {Quarter, 5}, {Half, 4}}

// ScaleFor returns the smallest scale at which to decode a picture so that reducing it until its longer side has side
// pixels gives good quality.
func ScaleFor(full image.Point, side int) Scale {
	for _, e := range oversampling {
		if max(full.X, full.Y)*int(e.scale)*3 >= side*8*e.thirds {
			return e.scale
		}
	}
	return Full
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// position maps a coefficient in zigzag order to its index in the N×N corner of a block, row by row. Coefficients
// outside the corner have the index discard.
type position [64]uint8

// discard is the index of all coefficients outside the corner. It follows the indexes of the largest corner.
const discard = 64

// zigzag maps a coefficient in zigzag order, the order of the file, to its index in the block, row by row (T.81, figure
// A.6).
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

// corner describes the N×N coefficients with the lowest frequencies, which are the ones of a block that a scale needs.
type corner struct {
	n        int // samples along a side
	position position
	last     int    // the last coefficient of the corner, in zigzag order: 0, 4, 24 or 63
	wanted   uint64 // bit k is set if coefficient k is in the corner
}

// corners maps a scale to its corner.
var corners = map[Scale]*corner{Eighth: newCorner(1), Quarter: newCorner(2), Half: newCorner(4), Full: newCorner(8)}

func newCorner(n int) *corner {
	c := &corner{n: n}
	for k, natural := range zigzag {
		x, y := int(natural)%8, int(natural)/8
		c.position[k] = discard
		if x < n && y < n {
			c.position[k] = uint8(y*n + x)
			c.last = k
			c.wanted |= 1 << k
		}
	}
	return c
}
