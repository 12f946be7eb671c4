package reference

import (
	"fmt"
	"image"
	"math"
)

// Similarity compares a reduced picture with the original, which it reduces to the same size by Lanczos. It returns the
// peak signal-to-noise ratio, in decibels, of the worst plane. Above 45 dB, a difference is invisible. Encoding as JPEG
// alone lowers the ratio to less than 40 dB.
func Similarity(picture, whole image.Image) float64 {
	worst := math.Inf(1)
	size := picture.Bounds().Size()
	full := planesOf(whole)
	for i, got := range planesOf(picture) {
		want := full[i].rows.Lanczos(full[i].width, full[i].height, size, int(math.Round(float64(size.X)/got.width)))
		var sum, n float64
		for y, row := range got.rows {
			for x, v := range row {
				d := v - min(max(want[y][x], 0), 255)
				sum, n = sum+d*d, n+1
			}
		}
		worst = min(worst, 10*math.Log10(255*255*n/sum))
	}
	return worst
}

// plane is one component of a picture. Its exact width and height, in samples, need not be integers.
type plane struct {
	rows          Rows
	width, height float64
}

// planesOf returns the planes of a picture: grey; luma and chroma; or red, green and blue.
func planesOf(img image.Image) []plane {
	size := img.Bounds().Size()
	switch img := img.(type) {
	case *image.Gray:
		return []plane{newPlane(img.Pix, img.Stride, 1, size, image.Pt(1, 1))}
	case *image.YCbCr:
		last := img.COffset(size.X-1, size.Y-1)
		columns, rows := last%img.CStride+1, last/img.CStride+1
		ratio := image.Pt((size.X+columns-1)/columns, (size.Y+rows-1)/rows)
		return []plane{
			newPlane(img.Y, img.YStride, 1, size, image.Pt(1, 1)),
			newPlane(img.Cb, img.CStride, 1, size, ratio),
			newPlane(img.Cr, img.CStride, 1, size, ratio),
		}
	case *image.RGBA:
		return colours(img.Pix, img.Stride, size)
	case *image.NRGBA:
		return colours(img.Pix, img.Stride, size)
	}
	panic(fmt.Sprintf("reference: %T", img))
}

func colours(pixels []byte, stride int, size image.Point) (planes []plane) {
	for i := range 3 {
		planes = append(planes, newPlane(pixels[i:], stride, 4, size, image.Pt(1, 1)))
	}
	return planes
}

// newPlane returns a plane with one sample per ratio.X pixels across and ratio.Y pixels down.
func newPlane(samples []byte, stride, step int, size, ratio image.Point) plane {
	p := plane{width: float64(size.X) / float64(ratio.X), height: float64(size.Y) / float64(ratio.Y)}
	for y := range (size.Y + ratio.Y - 1) / ratio.Y {
		row := make([]float64, (size.X+ratio.X-1)/ratio.X)
		for x := range row {
			row[x] = float64(samples[y*stride+x*step])
		}
		p.rows = append(p.rows, row)
	}
	return p
}
