package planes

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"bookplate/covers/internal/reference"
)

func floats(p plane) reference.Rows {
	rows := make(reference.Rows, p.size.Y)
	for y := range rows {
		for _, sample := range p.samples[y*p.stride:][:p.size.X] {
			rows[y] = append(rows[y], float64(sample))
		}
	}
	return rows
}

// maxDifference returns the largest difference between two planes.
func maxDifference(t *testing.T, got plane, want reference.Rows) float64 {
	t.Helper()
	if got.size != image.Pt(len(want[0]), len(want)) {
		t.Fatalf("%v samples, want %d×%d", got.size, len(want[0]), len(want))
	}
	var most float64
	for y, row := range floats(got) {
		for x, v := range row {
			most = max(most, math.Abs(v-min(max(want[y][x], 0), 255)))
		}
	}
	return most
}

var ratios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
}

// random returns a picture of noise.
func random(rng *rand.Rand, size image.Point, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	img := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
	for _, samples := range [][]byte{img.Y, img.Cb, img.Cr} {
		for i := range samples {
			samples[i] = byte(rng.IntN(256))
		}
	}
	return img
}
