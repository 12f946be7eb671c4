package planes

import (
	"image"
	"image/color"
	"image/draw"
)

// Box reduces a picture of any kind by a whole factor, 1 or more: each sample becomes the mean of a box of so many
// pixels across and down; at the right and the lower edge, of what is left of one. What is transparent is laid on white.
// A grey or YCbCr picture stays what it is, with its subsampling; any other becomes YCbCr with full chroma.
func Box(img image.Image, factor int) Picture {
	size := img.Bounds().Size()
	p := Picture{Width: float64(size.X) / float64(factor), Height: float64(size.Y) / float64(factor)}
	switch img := img.(type) {
	case *image.Gray:
		p.Image = boxPlanes(img, factor, 0)
	case *image.YCbCr:
		p.Image = boxPlanes(img, factor, img.SubsampleRatio)
	default:
		p.Image = boxColours(img, factor)
	}
	return p
}

// BoxFactor is the largest factor at which enough is left of a picture for Lanczos to make one whose longer side has so
// many pixels: three times as much, from where photographs come within 55 dB of what it makes of the whole picture.
func BoxFactor(full image.Point, side int) int {
	return max(1, max(full.X, full.Y)/(3*side))
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func reduced(size image.Point, factor int) image.Point {
	return image.Pt(ceilDiv(size.X, factor), ceilDiv(size.Y, factor))
}

func boxPlanes(img image.Image, factor int, ratio image.YCbCrSubsampleRatio) image.Image {
	if factor == 1 {
		return img
	}
	small := make([]plane, 0, 3)
	for _, src := range Whole(img).split() {
		small = append(small, src.boxes(factor))
	}
	return join(small, reduced(img.Bounds().Size(), factor), ratio)
}

func (p plane) boxes(factor int) plane {
	size := reduced(p.size, factor)
	means := make([]byte, 0, size.X*size.Y)
	sums := make([]int, size.X)
	for y := 0; y < p.size.Y; y += factor {
		clear(sums)
		rows := min(factor, p.size.Y-y)
		for i := range rows {
			row := p.samples[(y+i)*p.stride:][:p.size.X]
			for x := range sums {
				for _, sample := range row[x*factor : min((x+1)*factor, len(row))] {
					sums[x] += int(sample)
				}
			}
		}
		for x, sum := range sums {
			means = append(means, mean(sum, rows*min(factor, p.size.X-x*factor)))
		}
	}
	return plane{samples: means, stride: size.X, size: size}
}

// mean is a sum of n samples divided by n, rounded.
func mean(sum, n int) byte { return byte((sum + n/2) / n) }

// boxColours reduces a picture that has to be asked for its colours, as many rows at a time as make a box.
func boxColours(img image.Image, factor int) image.Image {
	bounds := img.Bounds()
	small := image.NewYCbCr(image.Rectangle{Max: reduced(bounds.Size(), factor)}, image.YCbCrSubsampleRatio444)
	rowsOf := drawnOnWhite(image.Pt(bounds.Dx(), factor), img)
	for y := range small.Rect.Dy() {
		rows := rowsOf(image.Rect(0, y*factor, bounds.Dx(), min((y+1)*factor, bounds.Dy())).Add(bounds.Min))
		for x := range small.Rect.Dx() {
			i := small.YOffset(x, y)
			small.Y[i], small.Cb[i], small.Cr[i] = boxColour(rows, x*factor, min((x+1)*factor, bounds.Dx()))
		}
	}
	return small
}

// drawnOnWhite returns a function that returns parts of a picture, of at most this size, laid on white: the next part in
// the place of the one before. A PNG of a photograph is opaque RGBA and needs no drawing.
func drawnOnWhite(size image.Point, img image.Image) func(part image.Rectangle) *image.RGBA {
	if img, ok := img.(*image.RGBA); ok && img.Opaque() {
		return func(part image.Rectangle) *image.RGBA { return img.SubImage(part).(*image.RGBA) }
	}
	canvas := image.NewRGBA(image.Rectangle{Max: size})
	return func(part image.Rectangle) *image.RGBA {
		draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
		drawn := canvas.SubImage(image.Rectangle{Max: part.Size()}).(*image.RGBA)
		draw.Draw(drawn, drawn.Rect, img, part.Min, draw.Over)
		return drawn
	}
}

// boxColour is the mean colour of the columns from left to before right.
func boxColour(rows *image.RGBA, left, right int) (y, cb, cr byte) {
	var red, green, blue int
	for y := range rows.Rect.Dy() {
		pixels := rows.Pix[y*rows.Stride:][4*left : 4*right]
		for ; len(pixels) >= 4; pixels = pixels[4:] {
			red += int(pixels[0])
			green += int(pixels[1])
			blue += int(pixels[2])
		}
	}
	n := rows.Rect.Dy() * (right - left)
	return color.RGBToYCbCr(mean(red, n), mean(green, n), mean(blue, n))
}
