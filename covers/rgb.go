package covers

import (
	"image"
	"image/color"
	"image/draw"

	"github.com/disintegration/imaging"

	"bookplate/covers/internal/planes"
)

// rgbPicture is an opaque picture in red, green and blue.
type rgbPicture struct {
	*image.RGBA
	turn planes.Turn
}

// Lanczos returns the picture upright and reduced to a size.
func (p rgbPicture) Lanczos(size image.Point) image.Image {
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
	// image.RGBA and image.NRGBA have the same bytes for opaque pixels, but image/jpeg encodes image.RGBA faster.
	return &image.RGBA{Pix: img.Pix, Stride: img.Stride, Rect: img.Rect}
}

// flatten draws a picture on a white canvas of this size and reduces the canvas by factor. Each pixel of the result is
// the mean of a box of pixels. If the sides are not multiples of factor, some boxes are slightly larger, so that the
// boxes divide the canvas evenly and nothing is distorted. Only one row of boxes is in memory at a time.
func flatten(img image.Image, size image.Point, factor int) *image.RGBA {
	op := draw.Over
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		op = draw.Src // the same result, faster
	}
	columns, rows := edges(size.X, factor), edges(size.Y, factor)
	small := image.NewRGBA(image.Rect(0, 0, len(columns)-1, len(rows)-1))
	band := image.NewRGBA(image.Rect(0, 0, size.X, min(2*factor, size.Y)))
	for y := range len(rows) - 1 {
		band.Rect.Max.Y = rows[y+1] - rows[y]
		draw.Draw(band, band.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, img, image.Pt(0, rows[y]), op)
		for x := range len(columns) - 1 {
			small.SetRGBA(x, y, meanColour(band, columns[x], columns[x+1]))
		}
	}
	return small
}

// edges returns the coordinates at which the boxes along a side begin and end, from 0 to the length of the side.
func edges(side, factor int) []int {
	n := max(1, side/factor)
	edges := make([]int, n+1)
	for i := range edges {
		edges[i] = i * side / n
	}
	return edges
}

// meanColour returns the mean colour of the columns from left up to, but not including, right. All pixels of band are
// opaque.
func meanColour(band *image.RGBA, left, right int) color.RGBA {
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
	return color.RGBA{clamp(divRound(red, n)), clamp(divRound(green, n)), clamp(divRound(blue, n)), 0xff}
}
