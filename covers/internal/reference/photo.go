// Package reference helps to test package covers and its subpackages. It has a picture like a photograph, and a simple,
// slow Lanczos filter in floating point to compare results with.
package reference

import (
	"image"
	"math"
)

// Photo returns a picture with the detail of a photograph: smooth shades, edges, and the noise of a sensor. As a JPEG of
// quality 90 it takes 2 bits per pixel.
func Photo(size image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	seed := uint32(1)
	for y := range size.Y {
		for x := range size.X {
			seed = seed*1664525 + 1013904223 // Numerical Recipes' generator
			noise := float64(seed>>24)/16 - 8
			shade := 60 * math.Sin(float64(x)/97) * math.Cos(float64(y)/71)
			if (x/211+y/173)%2 == 0 {
				shade = -shade
			}
			i := img.PixOffset(x, y)
			img.Pix[i] = uint8(128 + shade + noise)
			img.Pix[i+1] = uint8(118 + shade/2 + noise)
			img.Pix[i+2] = uint8(108 - shade + noise)
			img.Pix[i+3] = 0xff
		}
	}
	return img
}
