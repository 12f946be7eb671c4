package planes

import "image"

// Turn is one of the eight ways to lay a picture down, applied in this order: mirrored along the diagonal from the upper
// left, so that rows become columns; mirrored left to right; mirrored top to bottom. The zero value leaves it as it is.
type Turn struct{ Transpose, MirrorX, MirrorY bool }

// mirrorsColumns and mirrorsRows tell what is mirrored when that is done first, and the diagonal last.
func (t Turn) mirrorsColumns() bool {
	if t.Transpose {
		return t.MirrorY
	}
	return t.MirrorX
}

func (t Turn) mirrorsRows() bool {
	if t.Transpose {
		return t.MirrorX
	}
	return t.MirrorY
}

func (p plane) transposed() plane {
	turned := make([]byte, 0, p.size.X*p.size.Y)
	for x := range p.size.X {
		for y := range p.size.Y {
			turned = append(turned, p.samples[y*p.stride+x])
		}
	}
	return plane{samples: turned, stride: p.size.Y, size: image.Pt(p.size.Y, p.size.X)}
}
