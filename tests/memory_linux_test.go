package tests

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
)

//go:embed testdata/progressive.py
var progressiveScript string

// BenchmarkPeakMemory reports the peak memory of the server during concurrent uploads of large pictures.
func BenchmarkPeakMemory(b *testing.B) {
	small := photo(b, 4032, 3024)
	for _, c := range []struct {
		name    string
		uploads int
		picture string
	}{
		{"32 of 12 MP", 32, small},
		{"8 of 50 MP, progressive", 8, progressive(b, photo(b, 8660, 5773))},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.picture == "" {
				b.Log("NOT MEASURED: making a progressive picture needs Pillow (Debian's python3-pil)")
				return
			}
			for range b.N {
				s := startServer(b, "MAX_UPLOAD=100MiB")
				token := s.signedIn("ada@example.com").Token
				atOnce(c.uploads, func(i int) {
					title := fmt.Sprint("Volume ", i)
					a, err := s.send(withForm("POST", "/books/", token, c.picture, "title", title, "category", "science"))
					if err != nil || a.status != http.StatusCreated {
						b.Errorf("%v: %d %s", err, a.status, a.body)
					}
				})
				b.ReportMetric(s.peakMemory(), "peak-MB")
				b.ReportMetric(float64(len(c.picture))/1e6, "file-MB")
				s.kill()
			}
		})
	}
}

// BenchmarkLogInsAtOnce reports the peak memory of the server during 500 concurrent log-ins, and how many of them were
// answered with Retry-After.
func BenchmarkLogInsAtOnce(b *testing.B) {
	const people = 500
	for range b.N {
		s := startServer(b, fmt.Sprintf("SIGNUP_LIMIT=%d/1h", people))
		for i := range people {
			s.do(signUp(email(i)), http.StatusCreated)
		}
		var later atomic.Int32
		atOnce(people, func(i int) {
			switch a, err := s.send(login(email(i))); {
			case err == nil && a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
				later.Add(1)
			case err != nil || a.status != http.StatusOK:
				b.Errorf("%v: %d %s", err, a.status, a.body)
			}
		})
		b.ReportMetric(s.peakMemory(), "peak-MB")
		b.ReportMetric(float64(later.Load()), "come-again")
		s.kill()
	}
}

func email(i int) string { return fmt.Sprintf("ada%d@example.com", i) }

// atOnce makes n concurrent calls of do.
func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// peakMemory returns the peak resident memory of the process so far, in megabytes of 1,000,000 bytes.
func (s *server) peakMemory() float64 {
	s.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	var kib float64
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	if _, err := fmt.Sscan(string(rest), &kib); err != nil {
		s.Fatal(err)
	}
	return kib * 1024 / 1e6
}

// photo returns a JPEG with as much detail as a photograph, 2 to 3 bits per pixel.
func photo(t testing.TB, width, height int) string {
	t.Helper()
	img := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	seed := uint32(1)
	for i := range img.Y {
		seed = seed*1664525 + 1013904223 // Numerical Recipes' generator
		img.Y[i] = byte(i/width/16) + byte(seed>>27)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = byte(i/width), 120
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// progressive converts a JPEG to a progressive one, which Go cannot encode. It uses Python's Pillow and returns "" if
// there is none.
func progressive(b *testing.B, file string) string {
	b.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // Debian installs Pillow for the second one
		cmd := exec.CommandContext(b.Context(), python, "-c", progressiveScript)
		cmd.Stdin = bytes.NewReader([]byte(file))
		if out, err := cmd.Output(); err == nil {
			return string(out)
		}
	}
	return ""
}
