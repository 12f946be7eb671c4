package scaledjpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/disintegration/imaging"

	"bookplate/covers/internal/planes"
)

// photographs returns JPEG files by name, with about 1.8 bits per pixel. As in real photographs, higher frequencies
// have fewer and smaller coefficients.
var photographs = sync.OnceValue(func() map[string][]byte {
	files := map[string][]byte{}
	for name, size := range map[string]image.Point{"2MP": {X: 1632, Y: 1224}, "12MP": {X: 4032, Y: 3024}} {
		e := photograph(size)
		files[name+"/baseline"] = e.encode(script{components: []int{0, 1, 2}, se: 63})
		e = photograph(size)
		e.progressive = true
		files[name+"/progressive"] = e.encode(libjpegScript...)
	}
	return files
})

func photograph(size image.Point) *encoder {
	rng := rand.New(rand.NewPCG(11, 12))
	e := newEncoder(size, samplings["4:2:0"]...)
	for i, c := range e.components {
		for j := range c.coefficients {
			b := &c.coefficients[j]
			b[0] = int(100 * math.Sin(float64(j)/50) * math.Cos(float64(j)/7000))
			for k := 1; k < 64; k++ {
				b[k] = int(rng.NormFloat64() * rng.ExpFloat64() * 12 / float64(k+4) / float64(1+2*min(i, 1)) * 2)
			}
		}
	}
	return e
}

// libjpegScript lists the scans that libjpeg's cjpeg -progressive writes.
var libjpegScript = []script{
	{components: []int{0, 1, 2}, al: 1},
	{components: []int{0}, ss: 1, se: 5, al: 2},
	{components: []int{2}, ss: 1, se: 63, al: 1},
	{components: []int{1}, ss: 1, se: 63, al: 1},
	{components: []int{0}, ss: 6, se: 63, al: 2},
	{components: []int{0}, ss: 1, se: 63, ah: 2, al: 1},
	{components: []int{0, 1, 2}, ah: 1},
	{components: []int{2}, ss: 1, se: 63, ah: 1},
	{components: []int{1}, ss: 1, se: 63, ah: 1},
	{components: []int{0}, ss: 1, se: 63, ah: 1},
}

func BenchmarkDecode(b *testing.B) {
	names := map[Scale]string{Eighth: "eighth", Quarter: "quarter", Half: "half", Full: "full"}
	for _, name := range slices.Sorted(maps.Keys(photographs())) {
		file := photographs()[name]
		for _, scale := range scales {
			b.Run(name+"/"+names[scale], func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Decode(b.Context(), file, scale); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/image-jpeg", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jpeg.Decode(bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkThumbnails measures decoding, reducing and encoding a photograph, with this package and with image/jpeg and
// imaging.
func BenchmarkThumbnails(b *testing.B) {
	for _, name := range slices.Sorted(maps.Keys(photographs())) {
		file := photographs()[name]
		for sizes, sides := range map[string][]int{"150": {150}, "600-300-150": {600, 300, 150}} {
			b.Run(name+"/"+sizes+"/here", func(b *testing.B) {
				for b.Loop() {
					thumbnails(b, file, sides)
				}
			})
			b.Run(name+"/"+sizes+"/image-jpeg-and-imaging", func(b *testing.B) {
				for b.Loop() {
					img := decodeStandard(b, file)
					for _, side := range sides {
						img = imaging.Resize(img, side, 0, imaging.Lanczos)
						encodeStandard(b, img, 85)
					}
				}
			})
		}
	}
}

// thumbnails makes thumbnails with these longer sides, each from the previous one.
func thumbnails(b *testing.B, file []byte, sides []int) {
	header, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		b.Fatal(err)
	}
	size := image.Pt(header.Width, header.Height)
	scale := ScaleFor(size, sides[0])
	img, err := Decode(b.Context(), file, scale)
	if err != nil {
		b.Fatal(err)
	}
	p := planes.Picture{Image: img}
	p.Width, p.Height = scale.Extent(size)
	for _, side := range sides {
		p = planes.NewPicture(p.Lanczos(image.Pt(side, side*size.Y/size.X)))
		encodeStandard(b, p.Image, 85)
	}
}
