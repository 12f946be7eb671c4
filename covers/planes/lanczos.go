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
	var across, down []window
	for i, src := range p.split() {
		if i < 2 { // the second chroma is laid out as the first
			ratio := i + 1 // of chroma, a sample stands for two pixels
			across = windows(full.X, ratio, src.size.X, src.width, p.Turn.mirrorsColumns())
			down = windows(full.Y, ratio, src.size.Y, src.height, p.Turn.mirrorsRows())
		}
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
)

// window is what one sample of the result is made of: the weighted sum of neighbouring samples.
type window struct {
	first   int
	weights []int32 // their sum is 1, in fixed point; their number a multiple of abreast, the last ones 0
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
	rounded := make([]int32, ceilDiv(len(weights), abreast)*abreast)
	rest := int32(1 << weightBits)
	for i, w := range weights {
		rounded[i] = int32(math.Round(w / sum * (1 << weightBits)))
		rest -= rounded[i]
	}
	rounded[len(weights)/2] += rest
	return rounded
}

// abreast is how many rows of the result, and of the source, are worked on at once. It takes half the time that one row
// after the other does.
const abreast = 4

// pair is two sums in one word, which a multiplication multiplies at once: the lower half may be negative, so what it
// borrows from the upper half is given back when they are taken apart.
type pair int64

func pairOf(a, b int32) pair { return pair(a) + pair(b)<<32 }

func (p pair) apart() (a, b int32) {
	a = int32(p)
	return a, int32((p - pair(a)) >> 32)
}

// resample makes a plane of as many columns and rows as there are windows. Some rows are first summed up from rows, and
// then, while they are in the nearest cache, across.
func resample(src plane, across, down []window) plane {
	result := plane{stride: len(across), size: image.Pt(len(across), len(down))}
	result.samples = make([]byte, len(across)*len(down))
	a, b := make([]int32, src.size.X), make([]int32, src.size.X)
	pairs := make([]pair, src.size.X+abreast-1) // beyond the row, where weights are 0, there is something to multiply too
	for y := 0; y < len(down); y += 2 {
		next := min(y+1, len(down)-1)
		down[y].sumRows(src, a)
		down[next].sumRows(src, b)
		for x := range a {
			pairs[x] = pairOf(a[x]>>rowShift, b[x]>>rowShift)
		}
		rowA, rowB := result.row(y)[:len(across)], result.row(next)[:len(across)]
		for x, w := range across {
			a, b := w.sum(pairs).apart()
			rowA[x], rowB[x] = sample(a), sample(b)
		}
	}
	return result
}

// sumRows makes the weighted sums of the samples of some rows, below each other.
func (w window) sumRows(src plane, sums []int32) {
	clear(sums)
	for i := 0; i < len(w.weights); i += abreast {
		y := w.first + i
		a, b := src.row(y)[:len(sums)], src.row(y + 1)[:len(sums)]
		c, d := src.row(y + 2)[:len(sums)], src.row(y + 3)[:len(sums)]
		wa, wb, wc, wd := w.weights[i], w.weights[i+1], w.weights[i+2], w.weights[i+3]
		for x := range sums {
			sums[x] += wa*int32(a[x]) + wb*int32(b[x]) + wc*int32(c[x]) + wd*int32(d[x])
		}
	}
}

// row is a row of samples. Below the plane, where weights are 0, it is the last one.
func (p plane) row(y int) []byte { return p.samples[min(y, p.size.Y-1)*p.stride:] }

// sum makes the weighted sums of two rows.
func (w window) sum(row []pair) (sum pair) {
	weights, row := w.weights, row[w.first:]
	for len(weights) >= abreast && len(row) >= abreast { // the second is always so; it spares the loop its checks
		sum += pair(weights[0])*row[0] + pair(weights[1])*row[1] + pair(weights[2])*row[2] + pair(weights[3])*row[3]
		weights, row = weights[abreast:], row[abreast:]
	}
	return sum
}

// sample makes a sample of a sum, which is 2^(2*weightBits-rowShift) times too large.
func sample(sum int32) byte {
	const shift = 2*weightBits - rowShift
	return byte(min(max((sum+1<<(shift-1))>>shift, 0), 255)) // at an edge the filter overshoots
}
