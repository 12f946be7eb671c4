package planes

import (
	"image"
	"math"
)

// Lanczos resamples a picture to a size with the Lanczos filter of three lobes, as imaging and Pillow do by that name:
// as sharp as can be without visible rings. What comes of it is grey, or has chroma halved both ways (4:2:0) as
// image/jpeg encodes it.
func (p Picture) Lanczos(size image.Point) image.Image {
	full := size // before it is laid down
	if p.Turn.Transpose {
		full = image.Pt(size.Y, size.X)
	}
	result := make([]plane, 0, 3)
	for i, src := range p.split() {
		ratio := 1
		if i > 0 {
			ratio = 2
		}
		across := windows(full.X, ratio, src.size.X, src.width, p.Turn.mirrorsColumns())
		down := windows(full.Y, ratio, src.size.Y, src.height, p.Turn.mirrorsRows())
		small := resample(src, across, down)
		if p.Turn.Transpose {
			small = small.transposed()
		}
		result = append(result, small)
	}
	return join(result, size, image.YCbCrSubsampleRatio420)
}

const (
	// lobes is how many lobes of the sinc function the filter has on each side.
	lobes = 3
	// weightBits is the precision of the weights. A sum of 8-bit samples takes 23 bits with its overshoot and sign.
	weightBits = 14
	// rowShift is what is given up of that, so that a sum of such sums stays within 32 bits too.
	rowShift = 8
	// unrolled is how many products are added up at once, which takes half the time that one after the other does.
	unrolled = 4
)

// window is what one sample of the result is made of: the weighted sum of neighbouring samples.
type window struct {
	first   int
	weights []int32 // their sum is 1, in fixed point; their number a multiple of unrolled, the last ones 0
}

// windows divides an extent of samples among the samples of n pixels, of which each covers ratio pixels; the last one
// less if they do not come out even.
func windows(n, ratio, samples int, extent float64, mirrored bool) []window {
	step := extent / float64(n) * float64(ratio)
	all := make([]window, (n+ratio-1)/ratio)
	for i := range all {
		from, to := float64(i)*step, min(float64(i+1)*step, extent)
		if mirrored {
			from, to = extent-to, extent-from
		}
		all[i] = newWindow(from, to, samples)
	}
	return all
}

// newWindow is the filter over the samples around those from one place to another. At the edge of the picture, the
// samples there are count for all.
func newWindow(from, to float64, samples int) window {
	centre, stretch := (from+to)/2, max(to-from, 1) // stretched to reduce, but not shrunk to enlarge
	first := max(0, int(math.Ceil(centre-lobes*stretch-0.5)))
	last := min(samples-1, int(math.Floor(centre+lobes*stretch-0.5)))
	weights := make([]float64, last-first+1)
	for i := range weights {
		weights[i] = lanczos((float64(first+i) + 0.5 - centre) / stretch)
	}
	return window{first: first, weights: fixed(weights)}
}

func lanczos(x float64) float64 {
	switch {
	case x == 0:
		return 1
	case math.Abs(x) >= lobes:
		return 0
	}
	return lobes * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/lobes) / (math.Pi * math.Pi * x * x)
}

// fixed makes weights whose sum is exactly 1, so that a plain area stays as it is.
func fixed(weights []float64) []int32 {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	rounded := make([]int32, ceilDiv(len(weights), unrolled)*unrolled)
	rest := int32(1 << weightBits)
	for i, w := range weights {
		rounded[i] = int32(math.Round(w / sum * (1 << weightBits)))
		rest -= rounded[i]
	}
	rounded[len(weights)/2] += rest
	return rounded
}

// resample makes a plane of as many columns and rows as there are windows. Each row is first summed up from rows, and
// then, while it is in the nearest cache, across.
func resample(src plane, across, down []window) plane {
	result := make([]byte, 0, len(across)*len(down))
	sums := make([]int32, src.size.X+unrolled-1) // a window's weights may reach so far, where they are 0
	for _, w := range down {
		w.sumRows(src, sums[:src.size.X])
		for _, w := range across {
			result = append(result, w.sum(sums))
		}
	}
	return plane{samples: result, stride: len(across), size: image.Pt(len(across), len(down))}
}

// sumRows makes the weighted sums of the samples of some rows, below each other. They are shifted down by rowShift.
func (w window) sumRows(src plane, sums []int32) {
	clear(sums)
	for i := 0; i < len(w.weights); i += unrolled {
		y := w.first + i
		a, b := src.row(y)[:len(sums)], src.row(y + 1)[:len(sums)]
		c, d := src.row(y + 2)[:len(sums)], src.row(y + 3)[:len(sums)]
		wa, wb, wc, wd := w.weights[i], w.weights[i+1], w.weights[i+2], w.weights[i+3]
		for x := range sums {
			sums[x] += wa*int32(a[x]) + wb*int32(b[x]) + wc*int32(c[x]) + wd*int32(d[x])
		}
	}
	for x := range sums {
		sums[x] >>= rowShift
	}
}

// row is a row of samples. Below the plane, where weights are 0, it is the last one.
func (p plane) row(y int) []byte { return p.samples[min(y, p.size.Y-1)*p.stride:] }

// sum makes a sample of a row's sums, which are 2^(weightBits-rowShift) times too large.
func (w window) sum(row []int32) byte {
	sum := int32(1) << (2*weightBits - rowShift - 1) // to round
	weights, sums := w.weights, row[w.first:]
	for len(weights) >= unrolled && len(sums) >= unrolled {
		sum += weights[0]*sums[0] + weights[1]*sums[1] + weights[2]*sums[2] + weights[3]*sums[3]
		weights, sums = weights[unrolled:], sums[unrolled:]
	}
	sum >>= 2*weightBits - rowShift
	return byte(min(max(sum, 0), 255)) // at an edge the filter overshoots
}
