package covers

import (
	"encoding/binary"
	"image"
	"image/draw"
	"math"
	"sync"
)

// maxProfile is the length of the longest ICC profile that is read. A profile that has only a matrix and curves takes
// less than 16 KB.
const maxProfile = 64 << 10

// profile converts colours from the colour space of an ICC profile to sRGB.
type profile struct {
	curves [3][256]float64 // the linear light of each value of red, green and blue, from 0 to 1
	matrix matrix          // from this light to that of sRGB
}

type matrix [3][3]float64

// fromD50 converts XYZ, relative to the white point D50 of ICC profiles, to linear sRGB. It is the inverse of the
// colorants in the ICC's sRGB profile (IEC 61966-2-1, adapted from D65 by the Bradford method).
var fromD50 = matrix{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// parseProfile parses an ICC profile (ICC.1:2022) for RGB with a matrix and three curves, such as Display P3, Adobe RGB
// or ProPhoto RGB. It returns nil for a malformed profile, for the sRGB profile, and for other kinds: for grey, for
// CMYK, and with lookup tables. Pictures with such profiles keep their colours.
func parseProfile(icc []byte) *profile {
	const header = 128
	if len(icc) < header || string(icc[16:24]) != "RGB XYZ " || string(icc[36:40]) != "acsp" {
		return nil
	}
	tags := profileTags(icc)
	if _, found := tags["A2B0"]; found { // a table, which has precedence over the matrix
		return nil
	}
	var p profile
	var colorants matrix // a column for each colour
	for i, colour := range []string{"r", "g", "b"} {
		xyz := tags[colour+"XYZ"]
		curve := parseCurve(tags[colour+"TRC"])
		if len(xyz) < 20 || string(xyz[:4]) != "XYZ " || curve == nil {
			return nil
		}
		for j := range colorants {
			colorants[j][i] = fixed(xyz[8+4*j:])
		}
		for value := range p.curves[i] {
			light := curve(float64(value) / 255)
			if math.IsNaN(light) {
				return nil
			}
			p.curves[i][value] = min(max(light, 0), 1)
		}
	}
	p.matrix = fromD50.times(colorants)
	if !p.keepsWhite() || p.isSRGB() {
		return nil
	}
	return &p
}

// profileTags returns the content of each tag of a profile, by the tag's signature.
func profileTags(icc []byte) map[string][]byte {
	const header, entry = 128, 12
	tags := map[string][]byte{}
	table := icc[header:]
	if len(table) < 4 {
		return tags
	}
	count := binary.BigEndian.Uint32(table)
	for table = table[4:]; count > 0 && len(table) >= entry; table = table[entry:] {
		start, size := uint64(binary.BigEndian.Uint32(table[4:])), uint64(binary.BigEndian.Uint32(table[8:]))
		if start+size <= uint64(len(icc)) {
			tags[string(table[:4])] = icc[start : start+size]
		}
		count--
	}
	return tags
}

// parseCurve returns the function that a curve tag describes, or nil if the tag is malformed (ICC.1:2022, 10.6 and
// 10.18).
func parseCurve(tag []byte) func(float64) float64 {
	if len(tag) < 12 {
		return nil
	}
	switch string(tag[:4]) {
	case "curv":
		return sampledCurve(tag[12:], int64(binary.BigEndian.Uint32(tag[8:])))
	case "para":
		return parametricCurve(tag[12:], int(binary.BigEndian.Uint16(tag[8:])))
	}
	return nil
}

// sampledCurve returns the function of a curve that is given by samples. Without samples it is the identity. A single
// sample is an exponent.
func sampledCurve(samples []byte, count int64) func(float64) float64 {
	if int64(len(samples)) < 2*count {
		return nil
	}
	at := func(i int) float64 { return float64(binary.BigEndian.Uint16(samples[2*i:])) }
	switch count {
	case 0:
		return func(x float64) float64 { return x }
	case 1:
		exponent := at(0) / 256
		return func(x float64) float64 { return math.Pow(x, exponent) }
	}
	return func(x float64) float64 {
		position := x * float64(count-1)
		i := min(int(position), int(count)-2)
		return (at(i) + (at(i+1)-at(i))*(position-float64(i))) / math.MaxUint16
	}
}

// parametricCurve returns the function of a parametric curve (ICC.1:2022, table 68). There are five kinds, all of which
// are special cases of the last: (ax+b)^g + e for x ≥ d, and cx + f below.
func parametricCurve(parameters []byte, kind int) func(float64) float64 {
	counts := []int{1, 3, 4, 5, 7}
	if kind >= len(counts) || len(parameters) < 4*counts[kind] {
		return nil
	}
	var n [7]float64
	for i := range counts[kind] {
		n[i] = fixed(parameters[4*i:])
	}
	g, a, b, c, d, e, f := n[0], n[1], n[2], n[3], n[4], n[5], n[6]
	switch kind {
	case 0:
		a = 1
	case 1:
		d = -b / a
	case 2:
		c, d, e, f = 0, -b/a, c, c
	}
	return func(x float64) float64 {
		if x >= d {
			return math.Pow(a*x+b, g) + e
		}
		return c*x + f
	}
}

// fixed returns a number of type s15Fixed16.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / (1 << 16) } //nolint:gosec // signed

func (m matrix) times(other matrix) (product matrix) {
	for i := range product {
		for j := range product {
			for k := range other {
				product[i][j] += m[i][k] * other[k][j]
			}
		}
	}
	return product
}

// keepsWhite reports whether the profile converts white to white, as every valid profile does.
func (p *profile) keepsWhite() bool {
	const tolerance = 0.05
	for _, row := range p.matrix {
		if math.Abs(row[0]+row[1]+row[2]-1) > tolerance {
			return false
		}
	}
	return true
}

// isSRGB reports whether the profile changes no colour visibly, as is the case for the sRGB profile, which most
// pictures have.
func (p *profile) isSRGB() bool {
	const step, tolerance = 51, 2
	for i := range 6 * 6 * 6 {
		colour := [3]byte{byte(i % 6 * step), byte(i / 6 % 6 * step), byte(i / 36 * step)}
		for j, value := range p.convert(colour) {
			if max(value, colour[j])-min(value, colour[j]) > tolerance {
				return false
			}
		}
	}
	return true
}

// convert converts a colour to sRGB. Colours outside of sRGB are clipped.
func (p *profile) convert(colour [3]byte) (converted [3]byte) {
	encode := srgbValues()
	r, g, b := p.curves[0][colour[0]], p.curves[1][colour[1]], p.curves[2][colour[2]]
	for i, row := range p.matrix {
		light := row[0]*r + row[1]*g + row[2]*b
		converted[i] = encode[int(min(max(light, 0), 1)*(srgbSteps-1)+0.5)]
	}
	return converted
}

// srgbSteps is the number of steps of linear light in srgbValues. Even the darkest sRGB values have about four steps
// each.
const srgbSteps = 1 << 14

// srgbValues returns, for each step of linear light, the sRGB value from 0 to 255 (IEC 61966-2-1).
var srgbValues = sync.OnceValue(func() *[srgbSteps]byte {
	var values [srgbSteps]byte
	for i := range values {
		light := float64(i) / (srgbSteps - 1)
		value := 12.92 * light
		if light > 0.0031308 {
			value = 1.055*math.Pow(light, 1/2.4) - 0.055
		}
		values[i] = byte(value*255 + 0.5)
	}
	return &values
})

// toSRGB converts an opaque picture to sRGB. It returns img itself if img is grey or p is nil.
func (p *profile) toSRGB(img image.Image) image.Image {
	if _, grey := img.(*image.Gray); grey || p == nil {
		return img
	}
	converted := image.NewRGBA(img.Bounds())
	draw.Draw(converted, converted.Rect, img, converted.Rect.Min, draw.Src)
	for pixels := converted.Pix; len(pixels) >= 4; pixels = pixels[4:] {
		colour := p.convert([3]byte(pixels))
		copy(pixels, colour[:])
	}
	return converted
}
