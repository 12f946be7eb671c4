package scaledjpeg

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestInverseDCT(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	for _, scale := range scales {
		n := int(scale)
		factors := &basis[n]
		for range 1000 {
			var b block
			for i := range n * n {
				b[i] = int32(rng.IntN(200)) - 100
			}
			b[0] = int32(rng.IntN(2000)) - 1000
			var samples [8 * 10]byte
			inverseDCT(&b, n, samples[:], 10)
			for y := range n {
				for x := range n {
					want := 128.0
					for i := range n * n {
						want += float64(b[i]) * factors[i%n][x] * factors[i/n][y]
					}
					want = min(max(want, 0), 255)
					if got := samples[10*y+x]; math.Abs(float64(got)-want) > 0.52 {
						t.Fatalf("%d points: sample %d,%d is %d, want %.2f", n, x, y, got, want)
					}
				}
			}
		}
	}
}
