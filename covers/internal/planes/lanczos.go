package planes

import (
	"image"
	"math"
)

// Lanczos resamples a picture to a size with the Lanczos filter of three lobes, like imaging and Pillow, and applies
// its Turn. The result is an *image.Gray, or an *image.YCbCr with 4:2:0 subsampling, which image/jpeg encodes without
// conversion.
func (p Picture) Lanczos(size image.Point) image.Image {
	full := size // before the turn
	if p.Turn.Transpose {
		full = image.Pt(size.Y, size.X)
	}
	result := make([]plane, 0, 3)
	var across, down []window
	for i, src := range p.split() {
		if i < 2 { // the third plane has the layout of the second
			ratio := i + 1 // a chroma sample covers two pixels
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
	// lobes is the number of lobes that the filter has on each side of its centre.
	lobes = 3
	// weightBits is the precision of the weights, in bits. A weighted sum of 8-bit samples takes 23 bits, including
	// overshoot and sign.
	weightBits = 14
	// rowShift is the number of low bits that are dropped from the sums over rows, so that the sums over columns fit
	// into 32 bits.
	rowShift = 8
)

// window has the weights with which neighbouring samples of the source are summed to one sample of the result.
type window struct {
	first   int
	weights []int32 // in fixed point; their sum is 1
}

// windows returns the windows for the samples along one side of the result. The side is n pixels long, and each sample
// covers ratio pixels, but the last one may cover fewer. In the source, the side has that many samples, and its exact
// length is extent samples.
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

// newWindow returns the window for a sample of the result that covers the source from the position from to the position
// to. At the edges of the picture, where some samples of the filter are missing, the other samples get more weight.
func newWindow(from, to float64, samples int) window {
	centre, stretch := (from+to)/2, max(to-from, 1) // the filter is not narrowed to enlarge
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

// fixed converts weights to fixed point and scales them so that their sum is exactly 1. So an area of one colour keeps
// its colour.
func fixed(weights []float64) []int32 {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	rounded := make([]int32, len(weights))
	rest := int32(1 << weightBits)
	for i, w := range weights {
		rounded[i] = int32(math.Round(w / sum * (1 << weightBits)))
		rest -= rounded[i]
	}
	rounded[len(weights)/2] += rest
	return rounded
}

// unroll is the number of samples per iteration of the inner loops. Four samples instead of one take half the time.
const unroll = 4

// pair holds two 32-bit numbers, one for each of two rows of the result, so that one multiplication multiplies both. A
// negative number in the lower half borrows 1 from the upper half, and split gives it back.
type pair int64

func pairOf(a, b int32) pair { return pair(a) + pair(b)<<32 }

func (p pair) split() (a, b int32) {
	a = int32(p)
	return a, int32((p - pair(a)) >> 32)
}

// resample returns a plane with one column per window in across and one row per window in down. It computes two rows of
// the result at a time: first the sums over the rows of src, and then the sums over its columns, while the former are
// in the L1 cache.
func resample(src plane, across, down []window) plane {
	result := plane{stride: len(across), size: image.Pt(len(across), len(down))}
	result.samples = make([]byte, len(across)*len(down))
	sums := make([]pair, src.size.X)
	for y := 0; y < len(down); y += 2 {
		next := min(y+1, len(down)-1)
		src.sumRows(sums, down[y], down[next])
		rowA, rowB := result.row(y)[:len(across)], result.row(next)[:len(across)]
		for x, w := range across {
			a, b := w.sum(sums).split()
			rowA[x], rowB[x] = sample(a), sample(b)
		}
	}
	return result
}

// sumRows computes the weighted sums of each column of the plane for two rows of the result, whose windows are a and b.
func (p plane) sumRows(sums []pair, a, b window) {
	clear(sums)
	first, weights := merge(a, b)
	for i := 0; i < len(weights); i += unroll {
		y := first + i
		r0, r1 := p.row(y)[:len(sums)], p.row(y + 1)[:len(sums)]
		r2, r3 := p.row(y + 2)[:len(sums)], p.row(y + 3)[:len(sums)]
		w0, w1, w2, w3 := weights[i], weights[i+1], weights[i+2], weights[i+3]
		for x := range sums {
			sums[x] += w0*pair(r0[x]) + w1*pair(r1[x]) + w2*pair(r2[x]) + w3*pair(r3[x])
		}
	}
	for x, sum := range sums {
		a, b := sum.split()
		sums[x] = pairOf(a>>rowShift, b>>rowShift)
	}
}

// merge returns the weights of two windows as pairs, and the index of the sample that the first pair is for. The number
// of pairs is a multiple of unroll; unused weights are 0.
func merge(a, b window) (first int, weights []pair) {
	first = min(a.first, b.first)
	n := max(a.first+len(a.weights), b.first+len(b.weights)) - first
	weights = make([]pair, ceilDiv(n, unroll)*unroll)
	for i, weight := range a.weights {
		weights[a.first-first+i] += pairOf(weight, 0)
	}
	for i, weight := range b.weights {
		weights[b.first-first+i] += pairOf(0, weight)
	}
	return first, weights
}

// row returns the samples of row y. If y is below the plane, it returns the last row, because the weights of such rows
// are 0.
func (p plane) row(y int) []byte { return p.samples[min(y, p.size.Y-1)*p.stride:] }

// sum returns the weighted sum of a row of pairs, which is two sums.
func (w window) sum(row []pair) (sum pair) {
	weights, row := w.weights, row[w.first:]
	for len(weights) >= unroll && len(row) >= unroll { // the check of row avoids bounds checks in the loop
		sum += pair(weights[0])*row[0] + pair(weights[1])*row[1] + pair(weights[2])*row[2] + pair(weights[3])*row[3]
		weights, row = weights[unroll:], row[unroll:]
	}
	for i, weight := range weights {
		sum += pair(weight) * row[i]
	}
	return sum
}

// sample converts a weighted sum, which is scaled by 2^(2*weightBits-rowShift), to an 8-bit sample.
func sample(sum int32) byte {
	const shift = 2*weightBits - rowShift
	return byte(min(max((sum+1<<(shift-1))>>shift, 0), 255)) // the filter overshoots at edges
}
