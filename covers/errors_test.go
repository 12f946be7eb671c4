package covers

import (
	"bufio"
	"bytes"
	"errors"
	"image"
	"image/color"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"bookplate/models"
)

const (
	wantPicture = "must be a JPEG, PNG, GIF or WebP picture"
	wantWhole   = "is damaged or of an unusual kind; save it anew as a JPEG or PNG picture"
)

// wantRejected checks that the file is rejected for this reason, and that nothing was stored.
func wantRejected(t *testing.T, file []byte, reason string) {
	t.Helper()
	dir := t.TempDir()
	_, err := New(openDisk(t, dir), small).Add(t.Context(), "ada", bytes.NewReader(file))
	wantReason(t, err, reason)
	wantEmpty(t, dir)
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code != models.Invalid || e.Message != "Invalid data" {
		t.Fatalf("got %v, want Invalid data", err)
	}
	if got := e.Detail.(models.Fields)["cover_image"]; got != reason {
		t.Errorf("reason %q, want %q", got, reason)
	}
}

func TestOtherFilesAreRejected(t *testing.T) {
	var tiffFile, bmpFile bytes.Buffer
	if err := tiff.Encode(&tiffFile, picture(10, 10), nil); err != nil {
		t.Fatal(err)
	}
	if err := bmp.Encode(&bmpFile, picture(10, 10)); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"TIFF":               tiffFile.String(),
		"BMP":                bmpFile.String(),
		"PDF":                "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>",
		"SVG":                `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`,
		"HTML":               "<!doctype html><title>x</title>",
		"text":               "not a picture",
		"one byte":           "\xff",
		"half a magic":       "\x89PNG",
		"a sound in RIFF":    "RIFF\x24\x00\x00\x00WAVEfmt ",
		"HTML before a JPEG": "<!-- " + string(jpegOf(t, picture(10, 10))),
	} {
		t.Run(name, func(t *testing.T) { wantRejected(t, []byte(file), wantPicture) })
	}
	t.Run("empty", func(t *testing.T) { wantRejected(t, nil, "is empty") })
}

func TestDamagedPicturesAreRejected(t *testing.T) {
	img := picture(300, 200)
	whole := map[string][]byte{
		"JPEG": jpegOf(t, img),
		"PNG":  pngOf(t, img),
		"GIF":  gifOf(t, img),
		"WebP": losslessWebP(300, 200, red, color.NRGBA{red.R, 0xff, red.B, red.A}),
	}
	for name, file := range whole {
		for _, part := range []int{95, 50, 2} {
			cut := file[:max(16, len(file)*part/100)]
			t.Run(name+" cut", func(t *testing.T) { wantRejected(t, cut, wantWhole) })
		}
	}
	t.Run("PNG with a wrong checksum", func(t *testing.T) {
		file := bytes.Clone(whole["PNG"])
		file[len(file)/2] ^= 1
		wantRejected(t, file, wantWhole)
	})
	t.Run("GIF whose frame has no pixels", func(t *testing.T) {
		frame := []byte{0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 2, 2, 0x2c, 0, 0, 0x3b}
		wantRejected(t, append(gifHeader(10, 10), frame...), wantWhole)
	})
	t.Run("WebP with a small canvas and a large frame", func(t *testing.T) {
		file := webpHeader(1, 1)
		file = append(file, losslessWebP(1000, 1000, red, ochre)[12:]...)
		file[4], file[5], file[6] = byte(len(file)-8), byte((len(file)-8)>>8), byte((len(file)-8)>>16)
		wantRejected(t, file, wantWhole)
	})
	t.Run("no size", func(t *testing.T) { wantRejected(t, gifHeader(0, 10), wantWhole) })
}

// A header may claim any size. The upload is rejected before memory is allocated for that size.
func TestBombsAreRejectedByTheirHeader(t *testing.T) {
	for name, c := range map[string]struct {
		file   []byte
		reason string
	}{
		"JPEG":            {jpegHeader(65535, 65535), "has 4294836225 pixels; at most 4000000 are accepted"},
		"PNG":             {pngHeader(65535, 65535), "has 4294836225 pixels; at most 4000000 are accepted"},
		"GIF":             {gifHeader(65535, 65535), "has 4294836225 pixels; at most 4000000 are accepted"},
		"WebP":            {webpHeader(16383, 16383), "has 268402689 pixels; at most 4000000 are accepted"},
		"one row more":    {pngHeader(2001, 2000), "has 4002000 pixels; at most 4000000 are accepted"},
		"a PNG's largest": {pngHeader(1<<31-1, 1), "is 2147483647×1 pixels; a side may have at most 65535"},
		"a tall line":     {pngHeader(1, 4_000_000), "is 1×4000000 pixels; a side may have at most 65535"},
	} {
		t.Run(name, func(t *testing.T) {
			covers := New(nil, small)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := covers.Add(t.Context(), "ada", bytes.NewReader(c.file))
			runtime.ReadMemStats(&after)
			wantReason(t, err, c.reason)
			if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
				t.Errorf("%d bytes were allocated", n)
			}
		})
	}
}

// A file that has too few bytes for its number of pixels is rejected before it is decoded, even if it is complete.
func TestShortFilesAreRejected(t *testing.T) {
	size := image.Pt(2000, 2000)
	for name, file := range map[string][]byte{
		"JPEG":          jpegHeader(size.X, size.Y),
		"PNG":           append(pngHeader(size.X, size.Y), pngChunk("IDAT", nil)...),
		"GIF":           gifHeader(size.X, size.Y),
		"WebP":          riff(webpChunk("VP8 ", flatVP8(size)[8:2000])),
		"lossless WebP": riff(shortVP8L(size)),
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			took := allocated(func() { _, err = New(nil, small).Add(t.Context(), "ada", bytes.NewReader(file)) })
			wantReason(t, err, wantWhole)
			if !errors.Is(err, errTooShort) {
				t.Errorf("got %v, want errTooShort", err)
			}
			if took > 1<<20 {
				t.Errorf("%d bytes were allocated", took)
			}
		})
	}
}

// Pictures of one colour are accepted, although encoders make no shorter files for pictures of their size.
func TestPicturesOfOneColour(t *testing.T) {
	white := image.NewPaletted(image.Rect(0, 0, 2000, 2000), color.Palette{color.White})
	for _, file := range [][]byte{jpegOf(t, white), pngOf(t, white), gifOf(t, white), jpegOf(t, image.NewGray(white.Rect))} {
		addAndDecode(t, file)
	}
}

func TestLimitOfPixelsIsInclusive(t *testing.T) {
	wantSize(t, addAndDecode(t, pngOf(t, image.NewGray(image.Rect(0, 0, 2000, 2000)))), 150, 150)
}

func TestPanickingDecoder(t *testing.T) {
	up := &upload{ctx: t.Context(), file: bytes.NewReader(nil)}
	err := up.step(func(*bufio.Reader) error { panic("index out of range") })
	wantReason(t, err, wantWhole)
	if !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("the error does not say why: %v", err)
	}
}
