package planarjpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// picture returns a picture with smooth areas, edges and noise.
func picture(size image.Point, grey bool) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	sample := func(x, y int) byte {
		v := 128 + 80*math.Sin(float64(x)/9)*math.Cos(float64(y)/7) + float64(random.IntN(20))
		if (x/32+y/32)%2 == 0 {
			v = 255 - v
		}
		return byte(min(max(v, 0), 255))
	}
	if grey {
		img := image.NewGray(image.Rectangle{Max: size})
		for i := range img.Pix {
			img.Pix[i] = sample(i%img.Stride, i/img.Stride)
		}
		return img
	}
	img := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = sample(i%img.YStride, i/img.YStride)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = sample(i%img.CStride, i/img.CStride), sample(i/img.CStride, i%img.CStride)
	}
	return img
}

// planes returns the samples of a picture, without those beyond its edges.
func planes(t testing.TB, img image.Image) (samples []byte) {
	t.Helper()
	size := img.Bounds().Size()
	crop := func(plane []byte, stride, width, height int) {
		for y := range height {
			samples = append(samples, plane[y*stride:][:width]...)
		}
	}
	switch img := img.(type) {
	case *image.Gray:
		crop(img.Pix, img.Stride, size.X, size.Y)
	case *image.YCbCr:
		crop(img.Y, img.YStride, size.X, size.Y)
		crop(img.Cb, img.CStride, (size.X+1)/2, (size.Y+1)/2)
		crop(img.Cr, img.CStride, (size.X+1)/2, (size.Y+1)/2)
	default:
		t.Fatalf("a %T", img)
	}
	return samples
}

// similarity returns the peak signal-to-noise ratio of two pictures in decibels.
func similarity(t testing.TB, a, b image.Image) float64 {
	t.Helper()
	first, second := planes(t, a), planes(t, b)
	if len(first) != len(second) {
		t.Fatalf("%d samples and %d", len(first), len(second))
	}
	sum := 0.0
	for i := range first {
		d := float64(first[i]) - float64(second[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(first))/max(sum, 1e-9))
}

func decode(t testing.TB, file []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func encode(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	file, err := Encode(img, quality)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestEncodeIsAsGoodAsImageJPEG compares with image/jpeg, whose files have the same tables.
func TestEncodeIsAsGoodAsImageJPEG(t *testing.T) {
	for _, size := range []image.Point{{X: 1, Y: 1}, {X: 8, Y: 8}, {X: 15, Y: 17}, {X: 16, Y: 16}, {X: 33, Y: 7}, {X: 401, Y: 299}} {
		for _, grey := range []bool{false, true} {
			for _, quality := range []int{1, 30, 85, 100} {
				t.Run(fmt.Sprint(size, grey, quality), func(t *testing.T) {
					img := picture(size, grey)
					ours := encode(t, img, quality)
					var standard bytes.Buffer
					if err := jpeg.Encode(&standard, img, &jpeg.Options{Quality: quality}); err != nil {
						t.Fatal(err)
					}
					got, want := similarity(t, img, decode(t, ours)), similarity(t, img, decode(t, standard.Bytes()))
					const invisible = 55
					if got < min(want-0.2, invisible) {
						t.Errorf("%.1f dB, image/jpeg has %.1f dB", got, want)
					}
					if len(ours) > standard.Len()*102/100 {
						t.Errorf("%d bytes, image/jpeg makes %d", len(ours), standard.Len())
					}
				})
			}
		}
	}
}

func TestEncodeRejects(t *testing.T) {
	whole := picture(image.Pt(32, 32), false).(*image.YCbCr)
	for name, img := range map[string]image.Image{
		"another model":       image.NewRGBA(image.Rect(0, 0, 8, 8)),
		"another subsampling": image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio444),
		"a part of a picture": whole.SubImage(image.Rect(8, 8, 16, 16)),
		"a side too long":     &image.Gray{Pix: make([]byte, 1<<16), Stride: 1 << 16, Rect: image.Rect(0, 0, 1<<16, 1)},
	} {
		if _, err := Encode(img, 85); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// FuzzEncode encodes a picture of arbitrary samples. What is decoded must be as near as the quantisation allows.
func FuzzEncode(f *testing.F) {
	f.Add([]byte{0, 255, 0, 255, 255, 0}, uint8(9), uint8(7), false)
	f.Add([]byte{255}, uint8(16), uint8(16), true)
	f.Fuzz(func(t *testing.T, samples []byte, width, height uint8, grey bool) {
		size := image.Pt(int(width)%40+1, int(height)%40+1)
		img := picture(size, grey)
		set := func(plane []byte) {
			for i := range min(len(plane), len(samples)) {
				plane[i] = samples[i]
			}
		}
		switch img := img.(type) {
		case *image.Gray:
			set(img.Pix)
		case *image.YCbCr:
			set(img.Y)
			set(img.Cr)
		}
		if got := decode(t, encode(t, img, 100)); got.Bounds() != img.Bounds() || similarity(t, img, got) < 40 {
			t.Errorf("%v at %.1f dB", got.Bounds(), similarity(t, img, got))
		}
	})
}

// TestExtremes encodes the largest differences, whose coefficients need the longest codes.
func TestExtremes(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if (x+y)%2 == 0 || x/8%2 == y/8%2 {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	if dB := similarity(t, img, decode(t, encode(t, img, 100))); dB < 45 {
		t.Errorf("%.1f dB", dB)
	}
}

func BenchmarkEncode(b *testing.B) {
	img := picture(image.Pt(600, 450), false)
	b.Run("planarjpeg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			encode(b, img, 85)
		}
	})
	b.Run("image-jpeg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var file bytes.Buffer
			if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 85}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
