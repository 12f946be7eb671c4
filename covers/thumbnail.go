package covers

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"

	"github.com/disintegration/imaging"
)

const (
	thumbnailSide = 150 // pixels; the contract's
	jpegQuality   = 85  // of 100
)

// reduce makes the picture fit the thumbnail's square. It never enlarges.
func reduce(img image.Image) *image.NRGBA {
	width, height := fit(img.Bounds().Dx(), img.Bounds().Dy(), thumbnailSide)
	return imaging.Resize(img, width, height, imaging.Lanczos)
}

// fit is the size at which a picture fits a square with its aspect kept: the longer side is the square's, the shorter
// one rounded to the nearest pixel, at least 1. A picture that fits already keeps its size.
func fit(width, height, side int) (w, h int) {
	if width <= side && height <= side {
		return width, height
	}
	if width >= height {
		return side, max(1, rounded(height*side, width))
	}
	return max(1, rounded(width*side, height)), side
}

// rounded is a/b to the nearest whole number, halves up.
func rounded(a, b int) int { return (2*a + b) / (2 * b) }

// flatten lays the picture on white: a JPEG has no transparency, and what is under it would come out black.
func flatten(img image.Image) *image.RGBA {
	flat := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	return flat
}

func encode(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
