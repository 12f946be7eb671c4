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
	rounded[len(rounded)/2] += rest
	return rounded
}

// resample makes a plane of as many columns and rows as there are windows. Each row is first summed up from rows, and
// then, while it is in the nearest cache, across.
func resample(src plane, across, down []window) plane {
	result := make([]byte, 0, len(across)*len(down))
	row := make([]int32, src.size.X)
	for _, w := range down {
		clear(row)
		for i, weight := range w.weights {
			for x, sample := range src.samples[(w.first+i)*src.stride:][:len(row)] {
				row[x] += weight * int32(sample)
			}
		}
		for x := range row {
			row[x] >>= rowShift
		}
		for _, w := range across {
			result = append(result, w.sum(row))
		}
	}
	return plane{samples: result, stride: len(across), size: image.Pt(len(across), len(down))}
}

// sum makes a sample of a row's sums, which are 2^(weightBits-rowShift) times too large.
func (w window) sum(row []int32) byte {
	sum := int32(1) << (2*weightBits - rowShift - 1) // to round
	samples := row[w.first:][:len(w.weights)]
	for i, weight := range w.weights {
		sum += weight * samples[i]
	}
	sum >>= 2*weightBits - rowShift
	return byte(min(max(sum, 0), 255)) // at an edge the filter overshoots
}
