package scaledjpeg

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testFiles returns the files of testdata by name.
func testFiles(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.jpg")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".jpg")] = file
	}
	return files
}

// checkDecode checks that Decode returns the same picture as image/jpeg at all scales. Samples may differ by 1.5
// levels, because image/jpeg rounds them.
func checkDecode(t *testing.T, file []byte) {
	t.Helper()
	full := decodeStandard(t, file)
	here, err := Decode(t.Context(), file, Full)
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range scales {
		img, err := Decode(t.Context(), file, scale)
		if err != nil {
			t.Fatalf("at %d/8: %v", scale, err)
		}
		compare(t, img, full, here, scale, 1.5)
	}
}

func TestLibjpegFiles(t *testing.T) {
	for name, file := range testFiles(t) {
		if !strings.HasPrefix(name, "unsupported") {
			t.Run(name, func(t *testing.T) { checkDecode(t, file) })
		}
	}
}

// picture returns a picture of soft shades and noise, without clipped samples.
func picture(size image.Point) *image.YCbCr {
	rng := rand.New(rand.NewPCG(1, 2))
	img := image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
	for i, samples := range [][]byte{img.Y, img.Cb, img.Cr} {
		for j := range samples {
			samples[j] = byte(100 + 20*i + j/7%40 + rng.IntN(30))
		}
	}
	return img
}

func encodeStandard(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEverySmallSize(t *testing.T) {
	for width := 1; width <= 17; width++ {
		for height := 1; height <= 17; height++ {
			img := picture(image.Pt(width, height))
			checkDecode(t, encodeStandard(t, img, 90))
		}
	}
}

// The entropy-coded segment is many times longer than the window of bitReader, and has many stuffed bytes.
func TestLongSegment(t *testing.T) {
	file := encodeStandard(t, picture(image.Pt(611, 409)), 100)
	if len(file) < 8*windowSize {
		t.Fatalf("%d bytes are too few for this test", len(file))
	}
	checkDecode(t, file)
}

var samplings = map[string][]image.Point{
	"grey":  {image.Pt(1, 1)},
	"4:4:4": {image.Pt(1, 1), image.Pt(1, 1), image.Pt(1, 1)},
	"4:2:2": {image.Pt(2, 1), image.Pt(1, 1), image.Pt(1, 1)},
	"4:2:0": {image.Pt(2, 2), image.Pt(1, 1), image.Pt(1, 1)},
	"4:4:0": {image.Pt(1, 2), image.Pt(1, 1), image.Pt(1, 1)},
	"4:1:1": {image.Pt(4, 1), image.Pt(1, 1), image.Pt(1, 1)},
	"4:1:0": {image.Pt(4, 2), image.Pt(1, 1), image.Pt(1, 1)},
	// These have a ratio of the list above, but other sampling factors:
	"4:4:0 of 2": {image.Pt(2, 2), image.Pt(2, 1), image.Pt(2, 1)},
	"4:2:2 of 2": {image.Pt(2, 2), image.Pt(1, 2), image.Pt(1, 2)},
}

// random returns an encoder with random coefficients, so small that no sample is clipped.
func random(rng *rand.Rand, size image.Point, sampling []image.Point) *encoder {
	e := newEncoder(size, sampling...)
	for _, c := range e.components {
		for i := range c.coefficients {
			b := &c.coefficients[i]
			b[0] = rng.IntN(161) - 80
			for range rng.IntN(12) {
				b[1+rng.IntN(63)>>rng.IntN(6)] = rng.IntN(25) - 12
			}
		}
	}
	return e
}

// progression returns random scans that have all coefficients (T.81, G.1.1.1). The DC scans come first, then the bands
// of AC coefficients of each component. Both are refined bit by bit (successive approximation).
func progression(rng *rand.Rand, components int) []script {
	var all []int
	for i := range components {
		all = append(all, i)
	}
	var scans []script
	refine := func(s script) {
		scans = append(scans, s)
		for ; s.al > 0; s.al-- {
			next := s
			next.ah, next.al = s.al, s.al-1
			scans = append(scans, next)
		}
	}
	if rng.IntN(2) == 0 {
		refine(script{components: all, al: rng.IntN(4)})
	} else {
		for i := range components {
			refine(script{components: all[i : i+1], al: rng.IntN(4)})
		}
	}
	for i := range components {
		for first := 1; first < 64; {
			last := min(63, first+rng.IntN(64))
			refine(script{components: all[i : i+1], ss: first, se: last, al: rng.IntN(4)})
			first = last + 1
		}
	}
	return scans
}

func TestEveryKindOfFile(t *testing.T) {
	for name, sampling := range samplings {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 4))
			all := script{se: 63}
			for i := range sampling {
				all.components = append(all.components, i)
			}
			for range 10 {
				size := image.Pt(1+rng.IntN(70), 1+rng.IntN(50))
				checkDecode(t, random(rng, size, sampling).encode(all))

				e := random(rng, size, sampling)
				e.restart = 1 + rng.IntN(9)
				checkDecode(t, e.encode(all))

				var each []script
				for i := range sampling {
					each = append(each, script{components: []int{i}, se: 63})
				}
				rng.Shuffle(len(each), func(i, j int) { each[i], each[j] = each[j], each[i] })
				checkDecode(t, random(rng, size, sampling).encode(each...))

				e = random(rng, size, sampling)
				e.progressive = true
				checkDecode(t, e.encode(progression(rng, len(sampling))...))
			}
		})
	}
}

// image/jpeg miscounts the restart intervals of a scan of one component (T.81, A.2.2 and E.2.4). So the picture is
// compared with the one that image/jpeg decodes from the same file without restarts.
func TestProgressiveRestarts(t *testing.T) {
	for seed := range uint64(20) {
		var pictures [2]image.Image
		for _, scale := range scales {
			for i := range pictures {
				rng := rand.New(rand.NewPCG(seed, 5))
				e := random(rng, image.Pt(1+rng.IntN(70), 1+rng.IntN(50)), samplings["4:2:0"])
				e.progressive = true
				scans := progression(rng, 3)
				e.restart = i * (1 + rng.IntN(9))
				img, err := Decode(t.Context(), e.encode(scans...), scale)
				if err != nil {
					t.Fatal(err)
				}
				pictures[i] = img
			}
			if fmt.Sprint(pictures[0]) != fmt.Sprint(pictures[1]) {
				t.Errorf("seed %d, at %d/8: restarts change the picture", seed, scale)
			}
		}
	}
}
