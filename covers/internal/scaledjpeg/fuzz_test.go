package scaledjpeg

import (
	"bytes"
	"errors"
	"image/jpeg"
	"runtime"
	"testing"
)

// FuzzDecode compares Decode with image/jpeg at all scales. Decode must return the same picture, or ErrUnsupported, and
// must not allocate more than the length of the file justifies.
func FuzzDecode(f *testing.F) {
	for _, file := range testFiles(f) {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		header, err := jpeg.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			_, _ = Decode(t.Context(), file, Full) // must not panic
			return
		}
		if header.Width*header.Height > 1<<15 {
			checkAllocation(t, file)
			return
		}
		full, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil || full.Bounds().Empty() || mayDiffer(t, file) {
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

// checkAllocation checks that Decode allocates no more than the length of the file justifies. Each block of 64 samples
// takes at least one bit of the file, and up to 3 bytes of memory per sample. Other memory does not depend on the size
// of the picture.
func checkAllocation(t *testing.T, file []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = Decode(t.Context(), file, Full)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<21+uint64(len(file))*8*64*4 {
		t.Fatalf("%d bytes were allocated for a file of %d", n, len(file))
	}
}

// mayDiffer reports whether Decode may reject a file that image/jpeg decodes, or decode it differently. This is so for
// a file with too many scans, with a component that has no DC scan, or with restarts in a scan of one component, which
// image/jpeg miscounts.
func mayDiffer(t *testing.T, file []byte) bool {
	_, err := Decode(t.Context(), file, Eighth)
	if errors.Is(err, errScans) || errors.Is(err, errMissing) {
		return true
	}
	return bytes.Contains(file, []byte{0xff, markerDRI}) && bytes.Count(file, []byte{0xff, markerSOS}) > 1
}
