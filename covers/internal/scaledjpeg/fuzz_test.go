package scaledjpeg

import (
	"bytes"
	"errors"
	"image/jpeg"
	"runtime"
	"testing"
)

// FuzzDecode compares Decode with image/jpeg at all scales. Decode returns the same picture or ErrUnsupported, and does
// not allocate more than the length of the file justifies.
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

// checkAllocation compares the allocated bytes with the length of the file. A block of 64 samples has at least one bit in
// the file, and a sample takes up to 3 bytes with its coefficient. The rest does not grow with the picture.
func checkAllocation(t *testing.T, file []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = Decode(t.Context(), file, Full)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<21+uint64(len(file))*8*64*4 {
		t.Fatalf("%d bytes were allocated for a file of %d", n, len(file))
	}
}

// mayDiffer reports whether Decode may reject a file that image/jpeg decodes, or decode it differently. The reason is
// too many scans, a component without DC, or restarts in a scan of one component, which image/jpeg miscounts.
func mayDiffer(t *testing.T, file []byte) bool {
	_, err := Decode(t.Context(), file, Eighth)
	if errors.Is(err, errScans) || errors.Is(err, errMissing) {
		return true
	}
	return bytes.Contains(file, []byte{0xff, markerDRI}) && bytes.Count(file, []byte{0xff, markerSOS}) > 1
}
