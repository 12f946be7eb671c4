package planes

import "image"

// Turn is one of the eight rotations and reflections of a picture, as steps in this order: Transpose swaps rows and
// columns, MirrorX mirrors left to right, MirrorY mirrors top to bottom. The zero value leaves the picture as it is.
type Turn struct{ Transpose, MirrorX, MirrorY bool }

// mirrorsColumns and mirrorsRows report whether to mirror the columns and the rows before the transposition, instead of
// after it.
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
