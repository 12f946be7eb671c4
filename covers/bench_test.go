package covers

import (
	"bytes"
	"fmt"
	"image"
	"slices"
	"testing"
	"time"

	"bookplate/covers/internal/reference"
)

// measured has two sets of picture sizes to benchmark, in pixels: only the thumbnail, and all sizes of the default
// settings.
var measured = [][]int{{150}, {150, 300, 600}}

type benchFile struct {
	name    string
	content []byte
}

func benchFiles(b *testing.B) []benchFile {
	b.Helper()
	photo2, photo12 := reference.Photo(image.Pt(1632, 1224)), reference.Photo(image.Pt(4032, 3024))
	files := []benchFile{{"2MP", jpegOf(b, photo2)}, {"12MP", jpegOf(b, photo12)}, {"2MP-PNG", pngOf(b, photo2)}}
	if file := progressive(b, files[1].content); file != nil {
		files = append(files, benchFile{"12MP-progressive", file})
	}
	return files
}

// bench runs a benchmark. It reports CPU time, because package imaging uses all cores.
func bench(b *testing.B, name string, do func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		start := cpuTime()
		for range b.N {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
		reportCPU(b, cpuTime()-start)
	})
}

func reportCPU(b *testing.B, took time.Duration) {
	b.ReportMetric(took.Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// BenchmarkStep measures each step separately: reading the header, decoding, reducing to each size and encoding.
func BenchmarkStep(b *testing.B) {
	for _, file := range benchFiles(b) {
		c := open(b, Options{Mark: ownMark, Sizes: []int{300, 600}, MaxPixels: 64_000_000, Memory: 256 << 20})
		up := &upload{ctx: b.Context(), file: bytes.NewReader(file.content)}
		j, err := c.newJob(up)
		if err != nil {
			b.Fatal(err)
		}
		decode := j.decodeWhole
		if j.format.isJPEG {
			decode = j.decodeScaled
		}
		src, err := up.decode(decode)
		if err != nil {
			b.Fatal(err)
		}
		bench(b, file.name+"/header", func() error { _, err := c.newJob(up); return err })
		bench(b, file.name+"/decode", func() error { _, err := up.decode(decode); return err })
		for _, side := range slices.Backward(c.sizes) {
			size := fit(j.upright(), side)
			small := src.Lanczos(size)
			bench(b, fmt.Sprint(file.name, "/reduce-", side), func() error { src.Lanczos(size); return nil })
			bench(b, fmt.Sprint(file.name, "/encode-", side), func() error { _, err := encode([]image.Image{small}); return err })
			src = sourceOf(small)
		}
	}
}

// BenchmarkPictures measures all steps from an upload to its pictures, and compares them with package imaging and with
// Pillow.
func BenchmarkPictures(b *testing.B) {
	for _, file := range benchFiles(b) {
		for _, sizes := range measured {
			name := fmt.Sprint(file.name, "/", sizes)
			c := open(b, Options{Mark: ownMark, Sizes: sizes, MaxPixels: 64_000_000, Memory: 256 << 20})
			bench(b, name+"/bookplate", func() error {
				_, err := c.pictures(&upload{ctx: b.Context(), file: bytes.NewReader(file.content)})
				return err
			})
			bench(b, name+"/imaging", func() error { return withImaging(file.content, sizes) })
			b.Run(name+"/pillow", func(b *testing.B) { withPillow(b, file.content, sizes) })
		}
	}
}
