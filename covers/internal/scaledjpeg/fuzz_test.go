package scaledjpeg

import (
	"bytes"
	"errors"
	"image/jpeg"
	"runtime"
	"testing"
)

// FuzzDecode compares with image/jpeg: what that decodes is decoded alike or ErrUnsupported, whatever the scale. And no
// file makes this package allocate more than a picture of its length can be worth.
func FuzzDecode(f *testing.F) {
	for _, file := range testFiles(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		header, err := jpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			_, _ = Decode(t.Context(), file, Full) // no panic
			return
		}
		if header.Width*header.Height > 1<<15 {
			allocatesLittle(t, file)
			return
		}
		full, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil || full.Bounds().Empty() || stricter(t, file) {
			return
		}
		here, err := Decode(t.Context(), file, Full)
		for _, scale := range scales {
			img, scaledErr := Decode(t.Context(), file, scale)
			switch {
			case errors.Is(scaledErr, ErrUnsupported):
			case scaledErr != nil:
				t.Fatalf("at %d/8: %v", scale, scaledErr)
			case err == nil:
				compare(t, img, full, here, scale, 2)
			}
		}
	})
}

// allocatesLittle holds a file's length against what decoding it allocates: it has a bit for each block of 64 samples,
// which take up to 3 bytes each with their coefficients. The rest does not grow with the picture.
func allocatesLittle(t *testing.T, file []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = Decode(t.Context(), file, Full)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<21+uint64(len(file))*8*64*4 {
		t.Fatalf("%d bytes were allocated for a file of %d", n, len(file))
	}
}

// stricter tells whether this package may rightly refuse what image/jpeg decodes, or decode it otherwise: too many scans,
// a component without its DC, and restarts in a scan of one component, whose blocks image/jpeg miscounts.
func stricter(t *testing.T, file []byte) bool {
	_, err := Decode(t.Context(), file, Eighth)
	if errors.Is(err, errScans) || errors.Is(err, errMissing) {
		return true
	}
	return bytes.Contains(file, []byte{0xff, markerDRI}) && bytes.Count(file, []byte{0xff, markerSOS}) > 1
}
