package scaledjpeg

import (
	"image"
	"testing"
)

func TestScaleFor(t *testing.T) {
	for _, c := range []struct {
		size image.Point
		side int
		want Scale
	}{
		{image.Pt(4032, 3024), 150, Eighth},
		{image.Pt(3024, 4032), 150, Eighth},
		{image.Pt(4000, 3000), 600, Quarter}, // 1000: exactly five thirds
		{image.Pt(3996, 3000), 600, Half},
		{image.Pt(9600, 10), 600, Eighth}, // 1200: exactly twice
		{image.Pt(9599, 10), 600, Quarter},
		{image.Pt(1632, 1224), 150, Quarter},
		{image.Pt(1632, 1224), 600, Half},
		{image.Pt(1599, 1224), 600, Full},
		{image.Pt(600, 400), 600, Full},
		{image.Pt(1, 1), 600, Full},
		{image.Pt(65535, 65535), 150, Eighth},
	} {
		if got := ScaleFor(c.size, c.side); got != c.want {
			t.Errorf("%v for %d: %d/8, want %d/8", c.size, c.side, got, c.want)
		}
	}
}

func TestSizeAndExtent(t *testing.T) {
	if got := Eighth.Size(image.Pt(17, 16)); got != image.Pt(3, 2) {
		t.Errorf("1/8 of 17×16 is %v, want 3×2", got)
	}
	if got := Full.Size(image.Pt(17, 16)); got != image.Pt(17, 16) {
		t.Errorf("all of 17×16 is %v", got)
	}
	if width, height := Half.Extent(image.Pt(17, 16)); width != 8.5 || height != 8 {
		t.Errorf("half of 17×16 is %v×%v, want 8.5×8", width, height)
	}
}
