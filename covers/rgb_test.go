package covers

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// noise returns a picture of pixels with random colours and random transparency.
func noise(size image.Point) *image.NRGBA {
	random := rand.New(rand.NewPCG(3, 4))
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for i := range img.Pix {
		img.Pix[i] = byte(random.IntN(256))
	}
	return img
}

func TestFlattenReturnsMeansOfBoxes(t *testing.T) {
	palette := color.Palette{color.Transparent, color.White, color.RGBA{0xff, 0, 0, 0xff}, color.NRGBA{0, 0xff, 0, 0x80}}
	canvas := image.Rect(0, 0, 23, 31)
	frame := image.Rect(5, 3, 21, 31) // like that of a GIF whose first frame is smaller than its canvas
	opaque := image.NewRGBA(canvas)
	draw.Draw(opaque, canvas, image.White, image.Point{}, draw.Src)
	for name, img := range map[string]draw.Image{
		"NRGBA": image.NewNRGBA(canvas), "RGBA": image.NewRGBA(canvas), "NRGBA64": image.NewNRGBA64(canvas), "opaque": opaque,
		"CMYK": image.NewCMYK(canvas), "Gray16": image.NewGray16(canvas), "frame": image.NewPaletted(frame, palette),
	} {
		op := draw.Src
		if name == "opaque" {
			op = draw.Over
		}
		draw.Draw(img, canvas, noise(canvas.Size()), image.Point{}, op)
		for _, factor := range []int{1, 2, 4, 40} {
			t.Run(fmt.Sprint(name, " by ", factor), func(t *testing.T) {
				small := flatten(img, canvas.Max, factor)
				if want := image.Rect(0, 0, max(1, 23/factor), max(1, 31/factor)); small.Rect != want {
					t.Fatalf("%v, want %v", small.Rect, want)
				}
				for y := range small.Rect.Dy() {
					for x := range small.Rect.Dx() {
						box := image.Rect(part(x, 23, small.Rect.Dx()), part(y, 31, small.Rect.Dy()),
							part(x+1, 23, small.Rect.Dx()), part(y+1, 31, small.Rect.Dy()))
						wantMean(t, small.RGBAAt(x, y), img, box)
					}
				}
			})
		}
	}
}

// part returns where the i-th of n equal parts of a side begins, in pixels.
func part(i, side, n int) int { return i * side / n }

// wantMean checks that a colour is the mean of a part of a picture on white. It allows for a rounding error at each
// pixel.
func wantMean(t *testing.T, got color.RGBA, img image.Image, box image.Rectangle) {
	t.Helper()
	var mean [3]float64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			r, g, b, a := img.At(x, y).RGBA()
			for i, v := range [3]uint32{r, g, b} {
				mean[i] += float64(v+0xffff-a) / 0x101 / float64(box.Dx()*box.Dy())
			}
		}
	}
	for i, v := range [3]byte{got.R, got.G, got.B} {
		if d := float64(v) - mean[i]; d < -1.6 || d > 1.6 {
			t.Errorf("%v: its %s is off by %.1f", box, [3]string{"red", "green", "blue"}[i], d)
		}
	}
	if got.A != 0xff {
		t.Errorf("%v is not opaque: %d", box, got.A)
	}
}
