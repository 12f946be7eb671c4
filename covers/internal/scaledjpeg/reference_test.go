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
	width, height int // without the padding of the last blocks
}

// components returns the components of a decoded picture, or nil if it is neither grey nor YCbCr.
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

// basis holds the values C(u)/2 cos((2x+1)uπ/2n) of the DCT (T.81, A.3.3), indexed by n, u and x.
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

// matrix holds the numbers of a block of up to 8×8. The rest is 0.
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

// scaled computes the n×n samples of a block in floating point: it transforms the block's 8×8 samples to coefficients,
// and then the lowest n×n coefficients to samples. It shares no code with the decoder.
func scaled(p plane, column, row, n int) matrix {
	var samples matrix
	for y := range 8 {
		for x, s := range p.samples[(8*row+y)*p.stride+8*column:][:8] {
			samples[y][x] = float64(s) - 128
		}
	}
	coefficients := basis[8].times(samples).times(basis[8].transposed())
	want := basis[n].transposed().times(coefficients).times(basis[n]) // basis[n] is 0 outside the corner
	for y := range want {
		for x := range want[y] {
			want[y][x] = min(max(want[y][x]+128, 0), 255)
		}
	}
	return want
}

// compare compares got, which Decode decoded at a scale, with full, which image/jpeg decoded at full size and which
// compare reduces. It ignores blocks that are clipped in full or in here, the picture that Decode decoded at full size.
// Clipping loses information, and samples far outside the range overflow in image/jpeg.
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

// clipped reports whether a block has a sample with the lowest or the highest value.
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

var scales = []Scale{Eighth, Quarter, Half, Full}
