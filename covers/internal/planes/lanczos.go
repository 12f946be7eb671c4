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
	weights []int32 // their sum is 1, in fixed point
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
	rounded := make([]int32, len(weights))
	rest := int32(1 << weightBits)
	for i, w := range weights {
		rounded[i] = int32(math.Round(w / sum * (1 << weightBits)))
		rest -= rounded[i]
	}
	rounded[len(weights)/2] += rest
	return rounded
}

// abreast is how many samples are worked on at once: it takes half the time that one after the other does.
const abreast = 4

// pair is a number for each of two rows of the result in one word, which a multiplication multiplies at once: the lower
// half may be negative, so what it borrows from the upper half is given back when they are taken apart.
type pair int64

func pairOf(a, b int32) pair { return pair(a) + pair(b)<<32 }

func (p pair) apart() (a, b int32) {
	a = int32(p)
	return a, int32((p - pair(a)) >> 32)
}

// resample makes a plane of as many columns and rows as there are windows. Two rows at a time are first summed up from
// rows, and then, while they are in the nearest cache, across.
func resample(src plane, across, down []window) plane {
	result := plane{stride: len(across), size: image.Pt(len(across), len(down))}
	result.samples = make([]byte, len(across)*len(down))
	sums := make([]pair, src.size.X)
	for y := 0; y < len(down); y += 2 {
		next := min(y+1, len(down)-1)
		src.sumRows(sums, down[y], down[next])
		rowA, rowB := result.row(y)[:len(across)], result.row(next)[:len(across)]
		for x, w := range across {
			a, b := w.sum(sums).apart()
			rowA[x], rowB[x] = sample(a), sample(b)
		}
	}
	return result
}

// sumRows makes the weighted sums of the samples below each other, of two windows on the rows.
func (p plane) sumRows(sums []pair, a, b window) {
	clear(sums)
	first, weights := together(a, b)
	for i := 0; i < len(weights); i += abreast {
		y := first + i
		r0, r1 := p.row(y)[:len(sums)], p.row(y + 1)[:len(sums)]
		r2, r3 := p.row(y + 2)[:len(sums)], p.row(y + 3)[:len(sums)]
		w0, w1, w2, w3 := weights[i], weights[i+1], weights[i+2], weights[i+3]
		for x := range sums {
			sums[x] += w0*pair(r0[x]) + w1*pair(r1[x]) + w2*pair(r2[x]) + w3*pair(r3[x])
		}
	}
	for x, sum := range sums {
		a, b := sum.apart()
		sums[x] = pairOf(a>>rowShift, b>>rowShift)
	}
}

// together is the weights of two windows, and where they begin. There are a multiple of abreast, the last ones 0.
func together(a, b window) (first int, weights []pair) {
	first = min(a.first, b.first)
	n := max(a.first+len(a.weights), b.first+len(b.weights)) - first
	weights = make([]pair, ceilDiv(n, abreast)*abreast)
	for i, weight := range a.weights {
		weights[a.first-first+i] += pairOf(weight, 0)
	}
	for i, weight := range b.weights {
		weights[b.first-first+i] += pairOf(0, weight)
	}
	return first, weights
}

// row is a row of samples. Below the plane, where weights are 0, it is the last one.
func (p plane) row(y int) []byte { return p.samples[min(y, p.size.Y-1)*p.stride:] }

// sum makes the weighted sums of two rows.
func (w window) sum(row []pair) (sum pair) {
	weights, row := w.weights, row[w.first:]
	for len(weights) >= abreast && len(row) >= abreast { // the row is no shorter: saying so spares the loop its checks
		sum += pair(weights[0])*row[0] + pair(weights[1])*row[1] + pair(weights[2])*row[2] + pair(weights[3])*row[3]
		weights, row = weights[abreast:], row[abreast:]
	}
	for i, weight := range weights {
		sum += pair(weight) * row[i]
	}
	return sum
}

// sample makes a sample of a sum, which is 2^(2*weightBits-rowShift) times too large.
func sample(sum int32) byte {
	const shift = 2*weightBits - rowShift
	return byte(min(max((sum+1<<(shift-1))>>shift, 0), 255)) // at an edge the filter overshoots
}
