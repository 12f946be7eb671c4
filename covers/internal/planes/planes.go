// Package planes reduces pictures in luma and chroma, as a JPEG stores them, so that no conversion to RGB and back is
// needed.
package planes

import (
	"fmt"
	"image"
)

// Picture is a picture that Lanczos can reduce.
type Picture struct {
	// Image is an *image.YCbCr or an *image.Gray.
	Image image.Image
	// Width and Height are the exact size of the picture in samples. If the last column or row of Image holds only part
	// of a sample, they are smaller than the bounds of Image, by less than 1. This happens, for example, after Box has
	// divided an odd size. Using the bounds instead would distort the picture.
	Width, Height float64
	// Turn says how Lanczos rotates and mirrors the picture.
	Turn Turn
}

// NewPicture returns a Picture of img, whose exact size is that of its bounds.
func NewPicture(img image.Image) Picture {
	size := img.Bounds().Size()
	return Picture{Image: img, Width: float64(size.X), Height: float64(size.Y)}
}

// plane is one component of a picture.
type plane struct {
	samples       []byte
	stride        int
	size          image.Point
	width, height float64 // see Picture
}

// split returns the planes of a picture: one if it is grey, otherwise three.
func (p Picture) split() []plane {
	bounds := p.Image.Bounds()
	switch img := p.Image.(type) {
	case *image.Gray:
		first := img.PixOffset(bounds.Min.X, bounds.Min.Y)
		return []plane{{img.Pix[first:], img.Stride, bounds.Size(), p.Width, p.Height}}
	case *image.YCbCr:
		luma := plane{img.Y[img.YOffset(bounds.Min.X, bounds.Min.Y):], img.YStride, bounds.Size(), p.Width, p.Height}
		ratio := subsampling(img.SubsampleRatio)
		size := image.Pt((luma.size.X+ratio.X-1)/ratio.X, (luma.size.Y+ratio.Y-1)/ratio.Y)
		width, height := p.Width/float64(ratio.X), p.Height/float64(ratio.Y)
		first := img.COffset(bounds.Min.X, bounds.Min.Y)
		return []plane{
			luma,
			{img.Cb[first:], img.CStride, size, width, height},
			{img.Cr[first:], img.CStride, size, width, height},
		}
	}
	panic(fmt.Sprintf("planes: %T", p.Image))
}

// subsampling returns how many luma samples, across and down, belong to each chroma sample.
func subsampling(ratio image.YCbCrSubsampleRatio) image.Point {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return image.Pt(2, 1)
	case image.YCbCrSubsampleRatio420:
		return image.Pt(2, 2)
	case image.YCbCrSubsampleRatio440:
		return image.Pt(1, 2)
	case image.YCbCrSubsampleRatio411:
		return image.Pt(4, 1)
	case image.YCbCrSubsampleRatio410:
		return image.Pt(4, 2)
	}
	return image.Pt(1, 1)
}

// join returns a picture of one plane, or of three planes with this chroma subsampling.
func join(planes []plane, size image.Point, ratio image.YCbCrSubsampleRatio) image.Image {
	luma, bounds := planes[0], image.Rectangle{Max: size}
	if len(planes) == 1 {
		return &image.Gray{Pix: luma.samples, Stride: luma.stride, Rect: bounds}
	}
	cb, cr := planes[1], planes[2]
	return &image.YCbCr{
		Y: luma.samples, Cb: cb.samples, Cr: cr.samples,
		YStride: luma.stride, CStride: cb.stride,
		SubsampleRatio: ratio, Rect: bounds,
	}
}
