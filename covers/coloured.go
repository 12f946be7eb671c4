package covers

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/disintegration/imaging"

	"bookplate/covers/internal/planes"
)

// coloured is a picture in red, green and blue, without transparency.
type coloured struct {
	*image.RGBA
	turn planes.Turn
}

// Lanczos reduces the picture and turns it upright.
func (p coloured) Lanczos(size image.Point) image.Image {
	if p.turn.Transpose {
		size.X, size.Y = size.Y, size.X
	}
	img := imaging.Resize(p.RGBA, size.X, size.Y, imaging.Lanczos)
	if p.turn.Transpose {
		img = imaging.Transpose(img)
	}
	if p.turn.MirrorX {
		img = imaging.FlipH(img)
	}
	if p.turn.MirrorY {
		img = imaging.FlipV(img)
	}
	// Without transparency the bytes of both types are the same, and image/jpeg knows a fast way from this one.
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// onWhite lays a picture on a white canvas from 0,0 to size, which it may not fill, and reduces that by a whole factor or
// a little more: each pixel is the mean of a box, and the boxes share the canvas evenly, so that nothing is stretched. Of
// the canvas, only the rows of one row of boxes are in memory.
func onWhite(img image.Image, size image.Point, factor int) *image.RGBA {
	op := draw.Over
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		op = draw.Src // the same, faster
	}
	columns, rows := edges(size.X, factor), edges(size.Y, factor)
	small := image.NewRGBA(image.Rect(0, 0, len(columns)-1, len(rows)-1))
	band := image.NewRGBA(image.Rect(0, 0, size.X, min(2*factor, size.Y)))
	for y := range len(rows) - 1 {
		band.Rect.Max.Y = rows[y+1] - rows[y]
		draw.Draw(band, band.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, img, image.Pt(0, rows[y]), op)
		for x := range len(columns) - 1 {
			small.SetRGBA(x, y, mean(band, columns[x], columns[x+1]))
		}
	}
	return small
}

// edges are those of the boxes along a side of so many pixels, from 0 to its end.
func edges(side, factor int) []int {
	n := max(1, side/factor)
	edges := make([]int, n+1)
	for i := range edges {
		edges[i] = i * side / n
	}
	return edges
}

// mean is the mean colour of the columns from left to before right. All are opaque.
func mean(band *image.RGBA, left, right int) color.RGBA {
	var red, green, blue int
	for y := range band.Rect.Dy() {
		pixels := band.Pix[y*band.Stride:][4*left : 4*right]
		for ; len(pixels) >= 4; pixels = pixels[4:] {
			red += int(pixels[0])
			green += int(pixels[1])
			blue += int(pixels[2])
		}
	}
	n := band.Rect.Dy() * (right - left)
	return color.RGBA{clamped(rounded(red, n)), clamped(rounded(green, n)), clamped(rounded(blue, n)), 0xff}
}
