package planes

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"bookplate/covers/scaledjpeg"
)

// photo is a picture with what a photograph has for a filter to do: soft shades, edges, fine detail, the noise of a
// sensor.
func photo(size image.Point) *image.NRGBA {
	rng := rand.New(rand.NewPCG(9, 10))
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			u, v := float64(x), float64(y)
			shade := 60 * math.Sin(u/97) * math.Cos(v/71)
			if (x/211+y/173)%2 == 0 {
				shade = -shade
			}
			detail := 12*math.Sin(u/3+v/11) + 10*rng.NormFloat64()
			pixel := img.Pix[img.PixOffset(x, y):]
			for i, v := range [4]float64{128 + shade + detail, 118 + shade/2 + detail, 108 - shade + detail, 255} {
				pixel[i] = byte(min(max(v, 0), 255))
			}
		}
	}
	return img
}

// fit is the size with the longer side as given, and the other rounded.
func fit(size image.Point, side int) image.Point {
	f := float64(side) / float64(max(size.X, size.Y))
	return image.Pt(int(math.Round(float64(size.X)*f)), int(math.Round(float64(size.Y)*f)))
}

// similarity is the peak signal-to-noise ratio in decibels of the plane that is worst, to what floating-point Lanczos
// makes of the whole picture. Above 45 nobody sees a difference; the JPEG encoder that comes next stays below 40.
func similarity(got, full image.Image) float64 {
	worst := math.Inf(1)
	size := got.Bounds().Size()
	reduced := Whole(got).split()
	for i, src := range Whole(full).split() {
		want := lanczosReference(floats(src), src.width, src.height, size, 1+min(i, 1))
		var sum, n float64
		for y, row := range floats(reduced[i]) {
			for x, v := range row {
				d := v - min(max(want[y][x], 0), 255)
				sum, n = sum+d*d, n+1
			}
		}
		worst = min(worst, 10*math.Log10(255*255*n/sum))
	}
	return worst
}

var photoSizes = []image.Point{{X: 2401, Y: 600}, {X: 1632, Y: 1224}, {X: 501, Y: 1003}}

func TestAThumbnailOfAJPEGIsSimilarToTheBest(t *testing.T) {
	for _, size := range photoSizes {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, photo(size), &jpeg.Options{Quality: 90}); err != nil {
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
				p = Whole(p.Lanczos(fit(size, side))) // each is made from the one before
				s := similarity(p.Image, full)
				t.Logf("%v at %d/8 to %d of %d: %.1f dB", size, scale, side, sides, s)
				if s < 45 {
					t.Errorf("%v at %d/8 to %d of %d: %.1f dB, want 45", size, scale, side, sides, s)
				}
			}
		}
	}
}
