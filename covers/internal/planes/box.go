package planes

import "image"

// Box reduces an *image.YCbCr or *image.Gray by an integer factor of 1 or more. Each sample of the result is the mean of a
// box of factor × factor samples. At the right and lower edges a box may be smaller.
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

// BoxFactor returns the largest factor by which Box may reduce a picture that Lanczos then reduces until its longer
// side has side pixels. It leaves at least three times as many pixels on the longer side as the result has. Photographs
// reduced in these two steps have a PSNR of at least 55 dB against photographs reduced by Lanczos alone.
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

// mean returns sum/n, rounded.
func mean(sum, n int) byte { return byte((sum + n/2) / n) }
