package covers

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzPictures feeds the whole way from the magic to the pictures: whatever the bytes, there are pictures of the
// right sizes or a refusal, no panic, and no picture beyond the cap.
func FuzzPictures(f *testing.F) {
	img := picture(40, 30)
	for _, seed := range [][]byte{
		nil, jpegOf(f, img), pngOf(f, img), gifOf(f, img), testdata(f, "lossy.webp"), testdata(f, "lossy-alpha.webp"), testdata(f, "progressive.jpg"), losslessWebP(9, 9, red, ochre),
		cmykJPEG([4]int{0, 100, 200, 50}), afterSOI(jpegOf(f, img), app1(exifHeader, exif(binary.BigEndian, 6))),
		jpegHeader(10, 10), pngHeader(10, 10), gifHeader(10, 10), webpHeader(10, 10),
	} {
		f.Add(seed)
	}
	const maxPixels = 10_000
	c := New(nil, Options{Sizes: []int{20}, MaxPixels: maxPixels, Memory: 1})
	f.Fuzz(func(t *testing.T, file []byte) {
		up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
		made, err := c.pictures(up)
		if err != nil {
			if models.CodeOf(err) != models.Invalid || strings.Contains(err.Error(), "panicked") {
				t.Fatal(err)
			}
			return
		}
		for i, content := range made {
			config, err := jpeg.DecodeConfig(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if w, h := config.Width, config.Height; min(w, h) < 1 || max(w, h) > c.sizes[i] {
				t.Fatalf("a picture of %d×%d for size %d", w, h, c.sizes[i])
			}
		}
		if j, err := c.newJob(up); err != nil || j.pixels() > maxPixels {
			t.Fatalf("a picture of %v was decoded: %v", j.size, err)
		}
	})
}

// FuzzSniff: whatever the bytes, at most one format knows them, and by its own magic.
func FuzzSniff(f *testing.F) {
	for _, format := range formats {
		f.Add([]byte(format.magic))
	}
	f.Add([]byte("II*\x00"))
	f.Add([]byte("BM"))
	f.Add([]byte("<svg"))
	f.Fuzz(func(t *testing.T, head []byte) {
		found, ok := sniff(head)
		var matching []string
		for _, format := range formats {
			if format.matches(head) {
				matching = append(matching, format.magic)
			}
		}
		if ok && !slices.Equal(matching, []string{found.magic}) || !ok && matching != nil {
			t.Fatalf("%q: found %v %q, matching %q", head, ok, found.magic, matching)
		}
	})
}
