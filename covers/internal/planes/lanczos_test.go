package planes

import (
	"image"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestLanczosMatchesFloatingPoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, ratio := range ratios {
		for range 20 {
			size := image.Pt(1+rng.IntN(90), 1+rng.IntN(90))
			p := NewPicture(random(rng, size, ratio))
			// The exact size may end within the last column and row of samples.
			p.Width -= rng.Float64() * 0.9
			p.Height -= rng.Float64() * 0.9
			to := image.Pt(1+rng.IntN(40), 1+rng.IntN(40))
			got := NewPicture(p.Lanczos(to)).split()
			for i, src := range p.split() {
				want := floats(src).Lanczos(src.width, src.height, to, 1+min(i, 1))
				if d := maxDifference(t, got[i], want); d > 0.6 {
					t.Errorf("%v of %v to %v: plane %d is off by %.2f", ratio, size, to, i, d)
				}
			}
		}
	}
}

func TestGreyStaysGrey(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	luma := random(rng, image.Pt(40, 30), image.YCbCrSubsampleRatio444)
	grey := &image.Gray{Pix: luma.Y, Stride: luma.YStride, Rect: luma.Rect}
	got, ok := NewPicture(grey).Lanczos(image.Pt(20, 15)).(*image.Gray)
	if !ok {
		t.Fatal("the result is not grey")
	}
	if want := NewPicture(luma).Lanczos(image.Pt(20, 15)).(*image.YCbCr); !reflect.DeepEqual(got.Pix, want.Y) {
		t.Error("the samples differ from those of the same luma")
	}
}

func TestUniformAreaDoesNotChange(t *testing.T) {
	for _, shade := range []byte{0, 1, 127, 254, 255} {
		grey := image.NewGray(image.Rect(0, 0, 101, 67))
		for i := range grey.Pix {
			grey.Pix[i] = shade
		}
		for i, v := range NewPicture(grey).Lanczos(image.Pt(31, 70)).(*image.Gray).Pix {
			if v != shade {
				t.Fatalf("sample %d of a uniform %d is %d", i, shade, v)
			}
		}
	}
}

// Samples outside a subimage do not affect it.
func TestSubImage(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	whole := random(rng, image.Pt(64, 64), image.YCbCrSubsampleRatio420)
	part := whole.SubImage(image.Rect(16, 8, 48, 40)).(*image.YCbCr)
	alone := image.NewYCbCr(image.Rect(0, 0, 32, 32), image.YCbCrSubsampleRatio420)
	for y := range 32 {
		copy(alone.Y[y*32:][:32], part.Y[y*part.YStride:])
		copy(alone.Cb[y/2*16:][:16], part.Cb[y/2*part.CStride:])
		copy(alone.Cr[y/2*16:][:16], part.Cr[y/2*part.CStride:])
	}
	if !reflect.DeepEqual(NewPicture(part).Lanczos(image.Pt(9, 9)), NewPicture(alone).Lanczos(image.Pt(9, 9))) {
		t.Error("Lanczos differs from that of a copy")
	}
	if !reflect.DeepEqual(Box(part, 3), Box(alone, 3)) {
		t.Error("Box differs from that of a copy")
	}
}

// Turning a picture before or after reducing it gives the same samples.
func TestTurns(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 8 {
		turn := Turn{Transpose: i&1 != 0, MirrorX: i&2 != 0, MirrorY: i&4 != 0}
		for range 10 {
			size := image.Pt(1+rng.IntN(40), 1+rng.IntN(40))
			p := NewPicture(random(rng, size, image.YCbCrSubsampleRatio420))
			p.Width -= 0.5
			to := image.Pt(1+rng.IntN(30), 1+rng.IntN(30))
			straight := to
			if turn.Transpose {
				straight = image.Pt(to.Y, to.X)
			}
			want := p.Lanczos(straight).(*image.YCbCr)
			p.Turn = turn
			got := p.Lanczos(to).(*image.YCbCr)
			if got.Rect.Max != to {
				t.Fatalf("%+v: %v, want %v", turn, got.Rect.Max, to)
			}
			for y := range to.Y {
				for x := range to.X {
					from := image.Pt(x, y)
					if turn.MirrorX {
						from.X = to.X - 1 - x
					}
					if turn.MirrorY {
						from.Y = to.Y - 1 - y
					}
					if turn.Transpose {
						from.X, from.Y = from.Y, from.X
					}
					g, w := int(got.Y[got.YOffset(x, y)]), int(want.Y[want.YOffset(from.X, from.Y)])
					if g-w > 1 || w-g > 1 {
						t.Fatalf("%+v of %v to %v: %d,%d is %d, want %d", turn, size, to, x, y, g, w)
					}
				}
			}
		}
	}
}

// Chroma and luma stay aligned when a picture is turned. This also holds for an odd width, where the last chroma sample
// covers only one pixel.
func TestChromaTurnsWithLuma(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 90, 90), image.YCbCrSubsampleRatio444)
	for y := range 90 {
		for x := range 90 {
			i := img.YOffset(x, y)
			img.Y[i], img.Cb[i], img.Cr[i] = byte(2*x+20), byte(2*x+20), byte(2*y+20)
		}
	}
	p := NewPicture(img)
	p.Turn = Turn{Transpose: true, MirrorX: true}
	small := p.Lanczos(image.Pt(45, 45)).(*image.YCbCr)
	for y := range 44 {
		for x := range 44 {
			// A chroma sample is the mean of two columns of the source. The luma sample is the first or the second of
			// them.
			luma, chroma := int(small.Y[small.YOffset(x, y)]), int(small.Cb[small.COffset(x, y)])
			if d := chroma - luma - 2 + y%2*4; d < -2 || d > 2 {
				t.Fatalf("at %d,%d luma is %d, chroma %d", x, y, luma, chroma)
			}
		}
	}
}
