package covers

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"testing"
)

// What is encoded is hardly to be told from what a Lanczos filter in floating point makes of all the upload's pixels:
// above 45 dB nobody sees a difference, and the encoder that comes next stays below 40.
func TestPicturesAreSimilarToTheBest(t *testing.T) {
	photo := photo(1600, 1600) // square, so that at each size there are whole samples of halved chroma
	file := jpegOf(t, photo)
	whole, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	scaled := func(j *job) decoder { return j.decodeScaled }
	all := func(j *job) decoder { return j.decodeWhole }
	for _, upload := range []struct {
		name   string
		file   []byte
		decode func(*job) decoder
		whole  image.Image
	}{{"JPEG", file, scaled, whole}, {"JPEG by image/jpeg", file, all, whole}, {"PNG", pngOf(t, photo), all, photo}} {
		for _, sizes := range measured {
			for i, picture := range reduced(t, upload.file, sizes, upload.decode) {
				dB := similarity(picture, upload.whole)
				t.Logf("%s to %d of %v: %.1f dB", upload.name, sizes[i], sizes, dB)
				if dB < 45 {
					t.Errorf("%s to %d of %v: %.1f dB, want 45", upload.name, sizes[i], sizes, dB)
				}
			}
		}
	}
}

// reduced are the pictures of an upload before they are encoded.
func reduced(t *testing.T, file []byte, sizes []int, decode func(*job) decoder) []image.Image {
	t.Helper()
	up := &upload{ctx: t.Context(), file: bytes.NewReader(file)}
	j, err := New(nil, Options{Sizes: sizes, MaxPixels: 4_000_000, Memory: 32 << 20}).newJob(up)
	if err != nil {
		t.Fatal(err)
	}
	src, err := up.decode(decode(j))
	if err != nil {
		t.Fatal(err)
	}
	return j.reduce(src)
}

// similarity is the peak signal-to-noise ratio in dB of the plane that is worst.
func similarity(picture, whole image.Image) float64 {
	worst := math.Inf(1)
	all := planesOf(whole)
	for i, got := range planesOf(picture) {
		var sum float64
		want := all[i].columns(got.width).transposed().columns(got.height).transposed()
		for j, v := range got.samples {
			d := v - min(max(want.samples[j], 0), 255)
			sum += d * d
		}
		worst = min(worst, 10*math.Log10(255*255*float64(len(got.samples))/sum))
	}
	return worst
}

// plane is one component of a picture, in floating point.
type plane struct {
	width, height int
	samples       []float64
}

// planesOf takes a picture apart: into luma and chroma, or into red, green and blue.
func planesOf(img image.Image) []plane {
	size := img.Bounds().Size()
	switch img := img.(type) {
	case *image.YCbCr:
		half := image.Pt((size.X+1)/2, (size.Y+1)/2)
		return []plane{
			newPlane(img.Y, img.YStride, 1, size), newPlane(img.Cb, img.CStride, 1, half), newPlane(img.Cr, img.CStride, 1, half),
		}
	case *image.RGBA:
		return colourPlanes(img.Pix, img.Stride, size)
	case *image.NRGBA:
		return colourPlanes(img.Pix, img.Stride, size)
	}
	return nil
}

func colourPlanes(pixels []byte, stride int, size image.Point) []plane {
	return []plane{
		newPlane(pixels, stride, 4, size), newPlane(pixels[1:], stride, 4, size), newPlane(pixels[2:], stride, 4, size),
	}
}

func newPlane(samples []byte, stride, step int, size image.Point) plane {
	p := plane{width: size.X, height: size.Y}
	for y := range size.Y {
		for x := range size.X {
			p.samples = append(p.samples, float64(samples[y*stride+x*step]))
		}
	}
	return p
}

func (p plane) transposed() plane {
	t := plane{p.height, p.width, make([]float64, len(p.samples))}
	for i, v := range p.samples {
		t.samples[i%p.width*p.height+i/p.width] = v
	}
	return t
}

// columns resamples each row to n samples.
func (p plane) columns(n int) plane {
	small := plane{n, p.height, make([]float64, n*p.height)}
	stretch := float64(p.width) / float64(n)
	for x := range n {
		centre := (float64(x) + 0.5) * stretch
		first, last := max(0, int(centre-3*stretch)), min(p.width-1, int(centre+3*stretch))
		weights, sum := make([]float64, last-first+1), 0.0
		for i := range weights {
			weights[i] = lanczos((float64(first+i) + 0.5 - centre) / stretch)
			sum += weights[i]
		}
		for y := range p.height {
			for i, sample := range p.samples[y*p.width+first:][:len(weights)] {
				small.samples[y*n+x] += weights[i] / sum * sample
			}
		}
	}
	return small
}

func lanczos(x float64) float64 {
	switch {
	case x == 0:
		return 1
	case math.Abs(x) >= 3:
		return 0
	}
	return 3 * math.Sin(math.Pi*x) * math.Sin(math.Pi*x/3) / (math.Pi * math.Pi * x * x)
}
