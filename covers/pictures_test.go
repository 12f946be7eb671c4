package covers

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"os"
	"testing"

	"bookplate/covers/internal/scaledjpeg"
)

// made returns the encoded files of the pictures of all sizes, and the pictures decoded from them.
func made(t *testing.T, c *Covers, file []byte) (pictures []image.Image, files [][]byte) {
	t.Helper()
	files, err := c.pictures(&upload{ctx: t.Context(), file: bytes.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		img, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, img)
	}
	return pictures, files
}

func TestNothingIsEnlarged(t *testing.T) {
	c := New(nil, Options{Sizes: []int{16, 300, 600}, MaxPixels: 1_000_000, Memory: 4 << 20})
	turned := afterSOI(jpegOf(t, picture(200, 100)), app1(exifHeader, exif(binary.BigEndian, 6)))
	for name, c := range map[string]struct {
		covers *Covers
		file   []byte
		want   []image.Point
	}{
		"JPEG":       {c, jpegOf(t, picture(200, 100)), []image.Point{{16, 8}, {150, 75}, {200, 100}, {200, 100}}},
		"JPEG, EXIF": {c, turned, []image.Point{{8, 16}, {75, 150}, {100, 200}, {100, 200}}},
		"PNG":        {c, pngOf(t, picture(100, 200)), []image.Point{{8, 16}, {75, 150}, {100, 200}, {100, 200}}},
		"tiny":       {c, pngOf(t, picture(9, 9)), []image.Point{{9, 9}, {9, 9}, {9, 9}, {9, 9}}},
	} {
		t.Run(name, func(t *testing.T) {
			pictures, files := made(t, c.covers, c.file)
			for i, want := range c.want {
				wantSize(t, pictures[i], want.X, want.Y)
				if i > 0 && want == c.want[i-1] && !bytes.Equal(files[i], files[i-1]) {
					t.Errorf("the same picture was encoded twice, for %d and %d", c.covers.sizes[i-1], c.covers.sizes[i])
				}
			}
		})
	}
}

// The quality of a JPEG is seen in its quantization tables.
func TestQualityOfPictures(t *testing.T) {
	_, files := made(t, New(nil, small), pngOf(t, picture(200, 100)))
	var want bytes.Buffer
	if err := jpeg.Encode(&want, picture(9, 9), &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	if got, want := quantization(t, files[0]), quantization(t, want.Bytes()); !bytes.Equal(got, want) {
		t.Errorf("quantization %v, want %v", got, want)
	}
}

// quantization returns the quantization segment of a JPEG.
func quantization(t *testing.T, file []byte) []byte {
	t.Helper()
	_, segment, found := bytes.Cut(file, []byte{0xff, 0xdb})
	if !found {
		t.Fatal("no quantization tables")
	}
	return segment[:binary.BigEndian.Uint16(segment)]
}

// A picture is rejected if its size is not the size in its header, because only that one was checked against the
// limits.
func TestSizeMismatch(t *testing.T) {
	whole, scaled := (*job).decodeWhole, (*job).decodeScaled
	for name, c := range map[string]struct {
		file   []byte
		decode func(*job, context.Context, io.Reader) (source, error)
	}{
		"PNG":         {pngOf(t, picture(90, 90)), whole},
		"GIF":         {gifOf(t, picture(90, 90)), whole},
		"scaled JPEG": {jpegOf(t, picture(90, 90)), scaled},
		"whole JPEG":  {jpegOf(t, picture(90, 90)), whole},
	} {
		t.Run(name, func(t *testing.T) {
			j := jobOf(t, small, c.file)
			j.size.X-- // as if the header was parsed differently
			if _, err := c.decode(j, t.Context(), bytes.NewReader(c.file)); !errors.Is(err, errSizeMismatch) {
				t.Errorf("got %v, want errSizeMismatch", err)
			}
		})
	}
}

// A JPEG that scaledjpeg does not support is decoded by image/jpeg.
func TestFallback(t *testing.T) {
	file, err := os.ReadFile("internal/scaledjpeg/testdata/unsupported-rgb.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scaledjpeg.Decode(t.Context(), file, scaledjpeg.Full); !errors.Is(err, scaledjpeg.ErrUnsupported) {
		t.Fatalf("got %v, want ErrUnsupported", err)
	}
	want, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	pictures, _ := made(t, New(nil, small), file)
	if pictures[0].Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v", pictures[0].Bounds(), want.Bounds())
	}
	got, best := flatten(pictures[0], want.Bounds().Max, 1000), flatten(want, want.Bounds().Max, 1000) // one pixel each
	for i, v := range got.Pix {
		if d := int(v) - int(best.Pix[i]); d < -3 || d > 3 {
			t.Errorf("the mean colour is %v, want %v", got.Pix, best.Pix)
		}
	}
}
