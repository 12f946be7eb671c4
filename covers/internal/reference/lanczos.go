package reference

import (
	"image"
	"math"
)

// Rows has the samples of a picture by row and column.
type Rows [][]float64

// Lanczos resamples r with the Lanczos filter of three lobes, first across, then down. The exact size of r is extentX
// by extentY samples. The size of the result is full, in pixels, and each of its samples covers ratio pixels across and
// down.
func (r Rows) Lanczos(extentX, extentY float64, full image.Point, ratio int) Rows {
	across := r.weigh(weightsOf(len(r[0]), extentX, full.X, ratio))
	return across.transposed().weigh(weightsOf(len(r), extentY, full.Y, ratio)).transposed()
}

// weighted has the weights of consecutive samples, starting with the sample at the index first.
type weighted struct {
	first   int
	weights []float64
}

// weightsOf returns, for each sample of the result, the weights of the samples of the source.
func weightsOf(samples int, extent float64, n, ratio int) (all []weighted) {
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

// weigh returns, for each row of r, one weighted sum for each element of all.
func (r Rows) weigh(all []weighted) Rows {
	result := make(Rows, len(r))
	for y, row := range r {
		result[y] = make([]float64, len(all))
		for x, w := range all {
			for j, sample := range row[w.first:][:len(w.weights)] {
				result[y][x] += w.weights[j] * sample
			}
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

func (r Rows) transposed() Rows {
	columns := make(Rows, len(r[0]))
	for x := range columns {
		columns[x] = make([]float64, len(r))
		for y, row := range r {
			columns[x][y] = row[x]
		}
	}
	return columns
}
