package covers

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzPictures feeds the whole way from the magic to the pictures: whatever the bytes, there are pictures of the
// right sizes or a refusal, no panic, no picture beyond the cap, and no more memory is taken than was asked for.
func FuzzPictures(f *testing.F) {
	img := picture(40, 30)
	for _, seed := range [][]byte{
		nil, jpegOf(f, img), pngOf(f, img), gifOf(f, img), testdata(f, "lossy.webp"), testdata(f, "lossy-alpha.webp"), testdata(f, "progressive.jpg"), losslessWebP(9, 9, red, ochre),
		cmykJPEG([4]int{0, 100, 200, 50}), afterSOI(jpegOf(f, img), app1(exifHeader, exif(binary.BigEndian, 6))),
		jpegHeader(10, 10), pngHeader(10, 10), gifHeader(10, 10), webpHeader(10, 10),
		riff(flatVP8(img.Rect.Max)), alphaWebP(img.Rect.Max), riff(flatVP8L(img.Rect.Max, true)),
		flatJPEG(img.Rect.Max, 4, true), flatPNG(img.Rect.Max, 16, pngRGBA, true),
	} {
		f.Add(seed)
	}
	const maxPixels = 10_000
	c := New(nil, Options{Sizes: []int{20}, MaxPixels: maxPixels, Memory: 1})
	f.Fuzz(func(t *testing.T, file []byte) {
		up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
		var made [][]byte
		var err error
		took := allocated(func() { made, err = c.pictures(up) })
		if most := mostShare(c, up); took > most {
			t.Fatalf("%d bytes were allocated, estimated were %d", took, most)
		}
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
		if j, err := c.newJob(up); err != nil || area(j.size) > maxPixels {
			t.Fatalf("a picture of %v was decoded: %v", j.size, err)
		}
	})
}

// mostShare is what the ways to decode a file are given of the memory, together.
func mostShare(c *Covers, up *upload) int64 {
	const headers = 1 << 20 // what is allocated to read them, and the segments before a JPEG's pixels
	j, err := c.newJob(up)
	if err != nil {
		return headers
	}
	whole, _ := j.needWhole().share(c.memory)
	scaled, _ := j.needScaled().share(c.memory)
	return headers + whole + scaled
}

// FuzzSniff compares with what net/http knows of the same formats.
func FuzzSniff(f *testing.F) {
	for _, format := range formats {
		f.Add([]byte(format.magic))
	}
	f.Add([]byte("GIF88a"))
	f.Add([]byte("RIFF????WEBPVP9"))
	f.Add([]byte("II*\x00"))
	f.Add([]byte("BM"))
	f.Add([]byte("<svg"))
	f.Fuzz(func(t *testing.T, head []byte) {
		kind := http.DetectContentType(head)
		want := strings.Contains("image/jpeg image/png image/gif", kind) ||
			kind == "image/webp" && strings.HasPrefix(string(head[14:]), "8") // which net/http does not look for
		if _, ok := sniff(head); ok != want {
			t.Fatalf("%q is %s; known: %v", head, kind, ok)
		}
	})
}
