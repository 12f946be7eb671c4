package planes

import (
	"image"
	"math/rand/v2"
	"testing"

	"bookplate/covers/internal/reference"
)

func TestBox(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, ratio := range ratios {
		for factor := 1; factor <= 7; factor++ {
			img := random(rng, image.Pt(1+rng.IntN(50), 1+rng.IntN(50)), ratio)
			p := Box(img, factor)
			if w := float64(img.Rect.Dx()) / float64(factor); p.Width != w {
				t.Errorf("width %v, want %v", p.Width, w)
			}
			small := p.split()
			for i, src := range NewPicture(img).split() {
				if d := maxDifference(t, small[i], means(floats(src), factor)); d > 0.5 {
					t.Errorf("%v by %d: plane %d is off by %v", img.Rect, factor, i, d)
				}
			}
		}
	}
}

func means(rows reference.Rows, factor int) reference.Rows {
	var result reference.Rows
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

func TestBoxFactor(t *testing.T) {
	for _, c := range []struct {
		size image.Point
		side int
		want int
	}{
		{image.Pt(4032, 3024), 150, 8},
		{image.Pt(3024, 4032), 600, 2},
		{image.Pt(900, 10), 150, 2}, // exactly three times
		{image.Pt(899, 10), 150, 1},
		{image.Pt(10, 10), 150, 1},
	} {
		if got := BoxFactor(c.size, c.side); got != c.want {
			t.Errorf("%v for %d: %d, want %d", c.size, c.side, got, c.want)
		}
	}
}
