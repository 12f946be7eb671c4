package covers

import (
	"bytes"
	"image"
	"math"
	"testing"
)

// photo is a picture with the detail of a photograph: smooth shades, edges, and the noise of a sensor, 2 bits per
// pixel at quality 90.
func photo(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	seed := uint32(1)
	for y := range height {
		for x := range width {
			seed = seed*1664525 + 1013904223 // Numerical Recipes' generator
			noise := float64(seed>>24)/16 - 8
			shade := 60 * math.Sin(float64(x)/97) * math.Cos(float64(y)/71)
			if (x/211+y/173)%2 == 0 {
				shade = -shade
			}
			i := img.PixOffset(x, y)
			img.Pix[i] = uint8(128 + shade + noise)
			img.Pix[i+1] = uint8(118 + shade/2 + noise)
			img.Pix[i+2] = uint8(108 - shade + noise)
			img.Pix[i+3] = 0xff
		}
	}
	return img
}

// BenchmarkJPEG times each step from a photograph to its thumbnail, and all of them with the store.
func BenchmarkJPEG(b *testing.B) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"2MP", 1632, 1224}, {"12MP", 4032, 3024}} {
		file := jpegOf(b, photo(size.width, size.height))
		up := &upload{ctx: b.Context(), file: bytes.NewReader(file)}
		f, err := up.format()
		if err != nil {
			b.Fatal(err)
		}
		img, err := up.decode(f)
		if err != nil {
			b.Fatal(err)
		}
		reduced := reduce(img)
		covers := open(b)
		covers.maxPixels = 64_000_000
		for _, step := range []struct {
			name string
			run  func() error
		}{
			{"header", func() error { return up.checkSize(f, covers.maxPixels) }},
			{"orientation", func() error { _, err := up.orientation(); return err }},
			{"decode", func() error { _, err := up.decode(f); return err }},
			{"reduce", func() error { reduce(img); return nil }},
			{"encode", func() error { _, err := encode(flatten(reduced)); return err }},
			{"all", func() error { _, err := covers.Add(b.Context(), bytes.NewReader(file)); return err }},
		} {
			b.Run(size.name+"/"+step.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := step.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
