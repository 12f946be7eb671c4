package covers

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"bookplate/models"
)

// FuzzPictures fuzzes all steps from an upload to its pictures. The result must be pictures of the right sizes, or an
// Invalid error that is not due to a panic. The limit of pixels and the estimated memory must not be exceeded.
func FuzzPictures(f *testing.F) {
	// The memory is unlimited, so that it does not cap the estimates that mostShare adds up.
	c := New(nil, Options{Sizes: []int{20}, MaxPixels: maxFuzzed, Memory: unlimited.Memory})
	for _, file := range wholePictures(f) {
		if _, err := c.pictures(&upload{ctx: f.Context(), file: bytes.NewReader(file)}); err != nil {
			f.Fatalf("a valid picture is rejected: %v", err)
		}
		f.Add(file)
	}
	for _, file := range [][]byte{
		nil, jpegHeader(10, 10), pngHeader(10, 10), gifHeader(10, 10), webpHeader(10, 10),
		groupsWebP((*bitWriter).shortCodes), flatPNG(image.Pt(400, 301), 8, pngGrey, false),
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
		var made [][]byte
		var err error
		took := allocated(func() { made, err = c.pictures(up) })
		if most := mostShare(t, c, up); took > most {
			t.Fatalf("%d bytes were allocated, the estimate was %d", took, most)
		}
		if err != nil {
			if models.CodeOf(err) != models.Invalid || strings.Contains(err.Error(), "panicked") {
				t.Fatal(err)
			}
			return
		}
		for i, content := range made {
			wantFits(t, content, c.sizes[i])
		}
		if j, err := c.newJob(up); err != nil || area(j.size) > maxFuzzed {
			t.Fatalf("a picture of %v was decoded: %v", j.size, err)
		}
	})
}

const maxFuzzed = 400 * 300 // pixels; those of the largest seed

// wholePictures returns a valid file of each kind that takes a different path through the decoders.
func wholePictures(t testing.TB) [][]byte {
	img := picture(40, 30)
	size := img.Rect.Max
	return [][]byte{
		jpegOf(t, img), pngOf(t, img), gifOf(t, img), losslessWebP(9, 9, red, ochre),
		testdata(t, "progressive.jpg"), testdata(t, "lossy.webp"), testdata(t, "lossy-alpha.webp"),
		afterSOI(jpegOf(t, img), app1(exifHeader, exif(binary.BigEndian, 6))),
		cmykJPEG([4]int{0, 100, 200, 50}), flatJPEG(size, 4, true), flatPNG(size, 16, pngRGBA, true),
		riff(flatVP8(size)), alphaWebP(size), riff(flatVP8L(size, true)),
		withICC(t, img, iccOf(displayP3))["JPEG"], withICC(t, img, iccOf(adobeRGB))["PNG"],
		animatedWebP(size, frameOf(image.Rect(10, 4, 29, 30), flatVP8L(image.Pt(19, 26), false))),
	}
}

// mostShare returns how many bytes making the pictures of an upload may allocate: the sum of the estimates for all
// decoders that may be tried.
func mostShare(t *testing.T, c *Covers, up *upload) int64 {
	t.Helper()
	most := int64(1 << 20) // to read the headers, and the segments before a JPEG's pixels
	j, err := c.newJob(up)
	if err != nil {
		return most
	}
	needs := []need{j.needWhole()}
	if j.format.isJPEG {
		needs = append(needs, j.needScaled())
	}
	for _, need := range needs {
		share, err := need.share(c.memory)
		if err != nil {
			t.Fatal(err)
		}
		most += share
	}
	return most
}

func wantFits(t *testing.T, file []byte, side int) {
	t.Helper()
	config, err := jpeg.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if w, h := config.Width, config.Height; min(w, h) < 1 || max(w, h) > side {
		t.Fatalf("a picture of %d×%d for size %d", w, h, side)
	}
}

// FuzzSniff checks that sniff and the content sniffing of net/http find the same format.
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
			kind == "image/webp" && strings.HasPrefix(string(head[14:]), "8") // net/http does not check this byte
		if _, ok := sniff(head); ok != want {
			t.Fatalf("%q is %s; sniff accepts it: %v", head, kind, ok)
		}
	})
}
