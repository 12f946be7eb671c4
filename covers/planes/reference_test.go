package planes

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// lanczosReference resamples samples to a size in floating point, first across, then down. The extent is what the
// samples show, and each sample of the result covers ratio pixels of full.
func lanczosReference(samples [][]float64, extentX, extentY float64, full image.Point, ratio int) [][]float64 {
	across := weigh(samples, lanczosWeights(len(samples[0]), extentX, full.X, ratio))
	return transposed(weigh(transposed(across), lanczosWeights(len(samples), extentY, full.Y, ratio)))
}

// weighted is a list of weights, for the samples from the first on.
type weighted struct {
	first   int
	weights []float64
}

// lanczosWeights are the weights for each sample of the result.
func lanczosWeights(samples int, extent float64, n, ratio int) (all []weighted) {
	for i := 0; i < n; i += ratio {
		from, to := float64(i)*extent/float64(n), float64(min(i+ratio, n))*extent/float64(n)
		w := weighted{first: -1}
		var sum float64
		for j := range samples {
			x := (float64(j) + 0.5 - (from+to)/2) / max(1, to-from)
			if math.Abs(x) >= 3 {
				continue
			}
			if w.first < 0 {
				w.first = j
			}
			w.weights = append(w.weights, sinc(x)*sinc(x/3))
			sum += sinc(x) * sinc(x/3)
		}
		for j := range w.weights {
			w.weights[j] /= sum
		}
		all = append(all, w)
	}
	return all
}

// weigh makes of each line one sample for each list of weights.
func weigh(lines [][]float64, all []weighted) [][]float64 {
	result := make([][]float64, len(lines))
	for y, line := range lines {
		for _, w := range all {
			var sum float64
			for j, weight := range w.weights {
				sum += weight * line[w.first+j]
			}
			result[y] = append(result[y], sum)
		}
	}
	return result
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func transposed(rows [][]float64) [][]float64 {
	columns := make([][]float64, len(rows[0]))
	for x := range columns {
		for _, row := range rows {
			columns[x] = append(columns[x], row[x])
		}
	}
	return columns
}

func floats(p plane) [][]float64 {
	rows := make([][]float64, p.size.Y)
	for y := range rows {
		for _, sample := range p.samples[y*p.stride:][:p.size.X] {
			rows[y] = append(rows[y], float64(sample))
		}
	}
	return rows
}

// farthest is the largest difference between a plane and what it should be.
func farthest(t *testing.T, got plane, want [][]float64) float64 {
	t.Helper()
	if got.size != image.Pt(len(want[0]), len(want)) {
		t.Fatalf("%v samples, want %d×%d", got.size, len(want[0]), len(want))
	}
	var most float64
	for y, row := range floats(got) {
		for x, v := range row {
			most = max(most, math.Abs(v-min(max(want[y][x], 0), 255)))
		}
	}
	return most
}

var ratios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
}

// random is a picture of noise, the hardest there is for a filter.
func random(rng *rand.Rand, size image.Point, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	img := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
	for _, samples := range [][]byte{img.Y, img.Cb, img.Cr} {
		for i := range samples {
			samples[i] = byte(rng.IntN(256))
		}
	}
	return img
}
