package planes

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

func TestBoxesAreMeans(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, ratio := range ratios {
		for factor := 1; factor <= 7; factor++ {
			img := random(rng, image.Pt(1+rng.IntN(50), 1+rng.IntN(50)), ratio)
			p := Box(img, factor)
			if w := float64(img.Rect.Dx()) / float64(factor); p.Width != w {
				t.Errorf("width %v, want %v", p.Width, w)
			}
			small := p.split()
			for i, src := range Whole(img).split() {
				if d := farthest(t, small[i], means(floats(src), factor)); d > 0.5 {
					t.Errorf("%v by %d: plane %d is off by %v", img.Rect, factor, i, d)
				}
			}
		}
	}
}

func means(rows [][]float64, factor int) [][]float64 {
	var result [][]float64
	for y := 0; y < len(rows); y += factor {
		var row []float64
		for x := 0; x < len(rows[0]); x += factor {
			var sum, n float64
			for _, line := range rows[y:min(y+factor, len(rows))] {
				for _, v := range line[x:min(x+factor, len(line))] {
					sum, n = sum+v, n+1
				}
			}
			row = append(row, sum/n)
		}
		result = append(result, row)
	}
	return result
}

// noise is a picture with colours and transparency of any kind.
func noise(rng *rand.Rand, size image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for i := range img.Pix {
		img.Pix[i] = byte(rng.IntN(256))
	}
	return img
}

func TestBoxesOfEveryKindOfPicture(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	palette := color.Palette{color.Transparent, color.White, color.RGBA{0xff, 0, 0, 0xff}, color.NRGBA{0, 0xff, 0, 0x80}}
	bounds := image.Rect(-3, 2, 20, 31) // not all begin at 0,0
	for name, img := range map[string]draw.Image{
		"NRGBA": image.NewNRGBA(bounds), "RGBA": image.NewRGBA(bounds), "NRGBA64": image.NewNRGBA64(bounds),
		"opaque RGBA": image.NewRGBA(bounds),
		"CMYK":        image.NewCMYK(bounds), "Gray16": image.NewGray16(bounds), "Paletted": image.NewPaletted(bounds, palette),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "opaque RGBA" {
				draw.Draw(img, bounds, image.White, image.Point{}, draw.Src)
				draw.Draw(img, bounds, noise(rng, bounds.Size()), image.Point{}, draw.Over)
			} else {
				draw.Draw(img, bounds, noise(rng, bounds.Size()), image.Point{}, draw.Src)
			}
			p := Box(img, 4)
			if want := image.Rect(0, 0, 6, 8); p.Image.Bounds() != want {
				t.Fatalf("%v, want %v", p.Image.Bounds(), want)
			}
			for y := range 8 {
				for x := range 6 {
					box := image.Rect(4*x, 4*y, 4*x+4, 4*y+4).Add(bounds.Min).Intersect(bounds)
					wantColour(t, p.Image.At(x, y).(color.YCbCr), onWhite(img, box))
				}
			}
		})
	}
}

// onWhite is the mean colour of a box laid on white: red, green and blue from 0 to 255.
func onWhite(img image.Image, box image.Rectangle) (mean [3]float64) {
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			for i, v := range [3]uint32{r, g, b} {
				mean[i] += float64(v+0xffff-a) / 0x101 / float64(box.Dx()*box.Dy())
			}
		}
	}
	return mean
}

// wantColour allows for rounding, first of the mean, then of luma and chroma.
func wantColour(t *testing.T, got color.YCbCr, want [3]float64) {
	t.Helper()
	y := 0.299*want[0] + 0.587*want[1] + 0.114*want[2]
	for i, d := range [3]float64{
		float64(got.Y) - y,
		float64(got.Cb) - 128 - (want[2]-y)/1.772, // JFIF's equations
		float64(got.Cr) - 128 - (want[0]-y)/1.402,
	} {
		if d < -1.6 || d > 1.6 {
			t.Errorf("%v: its %s is off by %.1f", got, [3]string{"luma", "blue", "red"}[i], d)
		}
	}
}

func TestBoxFactor(t *testing.T) {
	for _, c := range []struct {
		size image.Point
		side int
		want int
	}{
		{image.Pt(4032, 3024), 150, 8},
		{image.Pt(3024, 4032), 600, 2},
		{image.Pt(900, 10), 150, 2}, // just three times
		{image.Pt(899, 10), 150, 1},
		{image.Pt(10, 10), 150, 1},
	} {
		if got := BoxFactor(c.size, c.side); got != c.want {
			t.Errorf("%v for %d: %d, want %d", c.size, c.side, got, c.want)
		}
	}
}
