package scaledjpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"testing"
)

// plane is one component of a decoded picture.
type plane struct {
	name          string
	samples       []byte
	stride        int
	width, height int // without what fills up the last blocks
}

// components are the components of a decoded picture; nil if it is neither grey nor YCbCr.
func components(img image.Image) []plane {
	size := img.Bounds().Size()
	switch img := img.(type) {
	case *image.Gray:
		return []plane{{"grey", img.Pix, img.Stride, size.X, size.Y}}
	case *image.YCbCr:
		last := img.COffset(size.X-1, size.Y-1)
		width, height := last%img.CStride+1, last/img.CStride+1
		return []plane{
			{"Y", img.Y, img.YStride, size.X, size.Y},
			{"Cb", img.Cb, img.CStride, width, height},
			{"Cr", img.Cr, img.CStride, width, height},
		}
	}
	return nil
}

// basis holds C(u)/2 cos((2x+1)uπ/2n) of T.81, A.3.3, by n, u and x.
var basis = func() (b [9]matrix) {
	for n := range b {
		for u := range n {
			for x := range n {
				b[n][u][x] = math.Cos(float64((2*x+1)*u)*math.Pi/float64(2*n)) / 2
				if u == 0 {
					b[n][u][x] /= math.Sqrt2
				}
			}
		}
	}
	return b
}()

// matrix is a block of numbers; what is beyond a smaller one is 0.
type matrix [8][8]float64

func (m matrix) times(other matrix) (product matrix) {
	for y := range product {
		for x := range product[y] {
			for i, v := range m[y] {
				product[y][x] += v * other[i][x]
			}
		}
	}
	return product
}

func (m matrix) transposed() (t matrix) {
	for y := range m {
		for x := range m[y] {
			t[x][y] = m[y][x]
		}
	}
	return t
}

// scaled is what T.81 and the package's description make of one block of a plane: the DCT of its 8×8 samples, of which
// the lower n×n coefficients make n×n samples. It shares nothing with the decoder.
func scaled(p plane, column, row, n int) matrix {
	var samples matrix
	for y := range 8 {
		for x, s := range p.samples[(8*row+y)*p.stride+8*column:][:8] {
			samples[y][x] = float64(s) - 128
		}
	}
	coefficients := basis[8].times(samples).times(basis[8].transposed())
	want := basis[n].transposed().times(coefficients).times(basis[n]) // basis[n] is 0 for those that are not wanted
	for y := range want {
		for x := range want[y] {
			want[y][x] = min(max(want[y][x]+128, 0), 255)
		}
	}
	return want
}

// compare compares a picture decoded at a scale with the file's picture as image/jpeg decodes it, and as it is decoded
// here at its full size. Blocks with samples at the end of their range do not count: the reduced picture cannot know what
// was cut off there, and in image/jpeg, coefficients that make larger samples overflow.
func compare(t *testing.T, got, full, here image.Image, scale Scale, tolerance float64) {
	t.Helper()
	n := int(scale)
	if want := scale.Size(full.Bounds().Size()); got.Bounds() != (image.Rectangle{Max: want}) {
		t.Fatalf("at %d/8: %v, want %v", n, got.Bounds(), want)
	}
	decoded, reference, unscaled := components(got), components(full), components(here)
	if len(decoded) != len(reference) {
		t.Fatalf("%d components, want %d", len(decoded), len(reference))
	}
	for i, p := range decoded {
		r := reference[i]
		if p.width != ceilDiv(r.width*n, 8) || p.height != ceilDiv(r.height*n, 8) {
			t.Fatalf("%s at %d/8: %d×%d of %d×%d", p.name, n, p.width, p.height, r.width, r.height)
		}
		for row := range ceilDiv(r.height, 8) {
			for column := range ceilDiv(r.width, 8) {
				if clipped(r, column, row) || clipped(unscaled[i], column, row) {
					continue
				}
				want := scaled(r, column, row, n)
				for y := row * n; y < min((row+1)*n, p.height); y++ {
					for x := column * n; x < min((column+1)*n, p.width); x++ {
						v, w := float64(p.samples[y*p.stride+x]), want[y-row*n][x-column*n]
						if math.Abs(v-w) > tolerance {
							t.Fatalf("%s at %d/8: sample %d,%d is %v, want %.1f", p.name, n, x, y, v, w)
						}
					}
				}
			}
		}
	}
}

// clipped tells whether a block has samples at the end of their range.
func clipped(p plane, column, row int) bool {
	for y := 8 * row; y < 8*row+8; y++ {
		for _, s := range p.samples[y*p.stride+8*column:][:8] {
			if s == 0 || s == 255 {
				return true
			}
		}
	}
	return false
}

func decodeStandard(t testing.TB, file []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// scales are all there are.
var scales = []Scale{Eighth, Quarter, Half, Full}
