package planes

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"testing"

	"bookplate/covers/internal/reference"
	"bookplate/covers/internal/scaledjpeg"
)

// fit returns the size scaled to the given longer side, with the shorter side rounded.
func fit(size image.Point, side int) image.Point {
	f := float64(side) / float64(max(size.X, size.Y))
	return image.Pt(int(math.Round(float64(size.X)*f)), int(math.Round(float64(size.Y)*f)))
}

var photoSizes = []image.Point{{X: 2401, Y: 600}, {X: 1632, Y: 1224}, {X: 501, Y: 1003}}

func TestThumbnailIsSimilarToReference(t *testing.T) {
	for _, size := range photoSizes {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, reference.Photo(size), &jpeg.Options{Quality: 90}); err != nil {
			t.Fatal(err)
		}
		full, err := jpeg.Decode(bytes.NewReader(file.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for _, sides := range [][]int{{150}, {600, 300, 150}} {
			scale := scaledjpeg.ScaleFor(size, sides[0])
			img, err := scaledjpeg.Decode(t.Context(), file.Bytes(), scale)
			if err != nil {
				t.Fatal(err)
			}
			p := Picture{Image: img}
			p.Width, p.Height = scale.Extent(size)
			for _, side := range sides {
				p = NewPicture(p.Lanczos(fit(size, side))) // each is made from the previous one
				s := reference.Similarity(p.Image, full)
				t.Logf("%v at %d/8 to %d of %d: %.1f dB", size, scale, side, sides, s)
				if s < 45 {
					t.Errorf("%v at %d/8 to %d of %d: %.1f dB, want 45", size, scale, side, sides, s)
				}
			}
		}
	}
}
