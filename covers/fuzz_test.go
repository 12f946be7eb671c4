package covers

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzThumbnail feeds the whole way from the magic to the thumbnail: whatever the bytes, there is a thumbnail of the
// right size or a refusal, no panic, and no picture beyond the cap.
func FuzzThumbnail(f *testing.F) {
	img := picture(40, 30)
	for _, seed := range [][]byte{
		nil, jpegOf(f, img), pngOf(f, img), gifOf(f, img), lossyWebP(f), losslessWebP(9, 9, red, ochre),
		cmykJPEG([4]int{0, 100, 200, 50}), afterSOI(jpegOf(f, img), app1(exifHeader, exif(binary.BigEndian, 6))),
		jpegHeader(10, 10), pngHeader(10, 10), gifHeader(10, 10), webpHeader(10, 10),
	} {
		f.Add(seed)
	}
	const maxPixels = 10_000
	c := New(nil, Limits{MaxPixels: maxPixels, Slots: 1})
	f.Fuzz(func(t *testing.T, file []byte) {
		up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
		content, err := c.thumbnail(up)
		if err != nil {
			if models.CodeOf(err) != models.Invalid || strings.Contains(err.Error(), "panicked") {
				t.Fatal(err)
			}
			return
		}
		thumbnail, err := jpeg.DecodeConfig(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if w, h := thumbnail.Width, thumbnail.Height; min(w, h) < 1 || max(w, h) > thumbnailSide {
			t.Fatalf("a thumbnail of %d×%d", w, h)
		}
		format, err := up.format()
		if err != nil {
			t.Fatal(err)
		}
		img, err := up.decode(format)
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X*size.Y > maxPixels {
			t.Fatalf("a picture of %v was decoded", size)
		}
	})
}
