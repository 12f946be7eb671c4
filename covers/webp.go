package covers

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a WebP. A lossy one has its samples in the narrow range of video, luma from 16 to 235 and chroma from
// 16 to 240 (ITU-R BT.601), and package webp hands them on as they are, in a type that stands for the full range of a
// JPEG: black would be grey.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch img := img.(type) {
	case *image.YCbCr:
		widen(img)
	case *image.NYCbCrA:
		widen(&img.YCbCr)
	}
	return img, err
}

// widen brings samples of the narrow range to the full one.
func widen(img *image.YCbCr) {
	var luma, chroma [256]byte
	for i := range 256 {
		luma[i] = clamped(rounded((i-16)*255, 235-16))
		chroma[i] = clamped(rounded((i-128)*255+128*(240-16), 240-16))
	}
	for i, y := range img.Y {
		img.Y[i] = luma[y]
	}
	for _, samples := range [][]byte{img.Cb, img.Cr} {
		for i, c := range samples {
			samples[i] = chroma[c]
		}
	}
}

func clamped(sample int) byte { return byte(min(max(sample, 0), 255)) }
