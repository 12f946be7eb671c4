package covers

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"bookplate/covers/internal/reference"
)

// Before they are encoded, the pictures are almost the same as those of the reference, a Lanczos filter in floating
// point over all pixels. Above 45 dB, a difference is invisible. Encoding as JPEG alone lowers the ratio to less than
// 40 dB.
func TestPicturesAreSimilarToReference(t *testing.T) {
	photo := reference.Photo(image.Pt(1600, 1600)) // square, so no size has a partial chroma sample
	file := jpegOf(t, photo)
	whole, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	scaled := func(j *job) decoder { return j.decodeScaled }
	all := func(j *job) decoder { return j.decodeWhole }
	for _, upload := range []struct {
		name   string
		file   []byte
		decode func(*job) decoder
		whole  image.Image
	}{{"JPEG", file, scaled, whole}, {"JPEG by image/jpeg", file, all, whole}, {"PNG", pngOf(t, photo), all, photo}} {
		for _, sizes := range measured {
			for i, picture := range reduced(t, upload.file, sizes, upload.decode) {
				dB := reference.Similarity(picture, upload.whole)
				t.Logf("%s to %d of %v: %.1f dB", upload.name, sizes[i], sizes, dB)
				if dB < 45 {
					t.Errorf("%s to %d of %v: %.1f dB, want 45", upload.name, sizes[i], sizes, dB)
				}
			}
		}
	}
}

// reduced returns the pictures of an upload before they are encoded.
func reduced(t *testing.T, file []byte, sizes []int, decode func(*job) decoder) []image.Image {
	t.Helper()
	up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
	j, err := New(nil, Options{Sizes: sizes, MaxPixels: 4_000_000, Memory: 32 << 20}).newJob(up)
	if err != nil {
		t.Fatal(err)
	}
	src, err := up.decode(decode(j))
	if err != nil {
		t.Fatal(err)
	}
	return j.reduce(src)
}
