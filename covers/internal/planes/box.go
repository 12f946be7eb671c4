package planes

import "image"

// Box reduces a picture, an *image.YCbCr or an *image.Gray, by a whole factor, 1 or more: each sample becomes the mean of a
// box of so many across and down; at the right and the lower edge, of what is left of one.
func Box(img image.Image, factor int) Picture {
	p := NewPicture(img)
	if factor == 1 {
		return p
	}
	small := make([]plane, 0, 3)
	for _, src := range p.split() {
		small = append(small, src.boxes(factor))
	}
	ratio := image.YCbCrSubsampleRatio444
	if img, ok := img.(*image.YCbCr); ok {
		ratio = img.SubsampleRatio
	}
	return Picture{
		Image: join(small, reduced(img.Bounds().Size(), factor), ratio),
		Width: p.Width / float64(factor), Height: p.Height / float64(factor),
	}
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
