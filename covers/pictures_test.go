package covers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"runtime"
	"testing"

	"bookplate/covers/scaledjpeg"
)

// made are the pictures of all sizes, decoded again, and their files.
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
	c := New(nil, Options{Sizes: []int{16, 300, 600}, MaxPixels: 1_000_000, Memory: 1})
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

// What scaledjpeg does not speak is left to image/jpeg.
func TestFallback(t *testing.T) {
	file, err := os.ReadFile("scaledjpeg/testdata/unsupported-rgb.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scaledjpeg.Decode(file, scaledjpeg.Full); !errors.Is(err, scaledjpeg.ErrUnsupported) {
		t.Fatalf("%v; want a file that is not supported", err)
	}
	want, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	pictures, _ := made(t, New(nil, small), file)
	if pictures[0].Bounds() != want.Bounds() {
		t.Fatalf("%v, want %v", pictures[0].Bounds(), want.Bounds())
	}
	got, best := onWhite(pictures[0], want.Bounds().Max, 1000), onWhite(want, want.Bounds().Max, 1000) // one pixel each
	for i, v := range got.Pix {
		if d := int(v) - int(best.Pix[i]); d < -3 || d > 3 {
			t.Errorf("the mean colour is %v, want %v", got.Pix, best.Pix)
		}
	}
}

// The share of the memory that a job gets is what it takes, or more.
func TestEstimatesOfMemory(t *testing.T) {
	img := photo(1200, 900)
	wide := image.NewNRGBA64(img.Rect)
	for y := range 900 {
		for x := range 1200 {
			wide.Set(x, y, img.At(x, y))
		}
	}
	for name, file := range map[string][]byte{
		"JPEG": jpegOf(t, img), "progressive": testdata(t, "progressive.jpg"), "PNG": pngOf(t, img), "GIF": gifOf(t, img),
		"PNG of 16 bits": pngOf(t, wide), "WebP": testdata(t, "lossy.webp"), "WebP, alpha": testdata(t, "lossy-alpha.webp"),
		"CMYK": testdata(t, "cmyk.jpg"),
	} {
		t.Run(name, func(t *testing.T) {
			c := New(nil, Options{Sizes: []int{300, 600}, MaxPixels: 4_000_000, Memory: 1})
			up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
			j, err := c.newJob(up)
			if err != nil {
				t.Fatal(err)
			}
			decode, estimate := j.decodeWhole, j.memoryWhole()
			if j.format.isJPEG && name != "CMYK" {
				decode, estimate = j.decodeScaled, j.memoryScaled()
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := c.make(up, j, estimate, decode); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			took := int64(after.TotalAlloc - before.TotalAlloc)
			t.Logf("%.1f of %.1f MB", float64(took)/1e6, float64(estimate)/1e6)
			if took > estimate {
				t.Errorf("%d bytes were allocated, estimated were %d", took, estimate)
			}
		})
	}
}
