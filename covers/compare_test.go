package covers

import (
	"bytes"
	_ "embed"
	"fmt"
	"image"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/disintegration/imaging"
)

// withImaging makes pictures of these sizes with the standard library and package imaging, from all pixels of the file.
func withImaging(file []byte, sizes []int) error {
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return err
	}
	for _, side := range sizes {
		if _, err := encode([]image.Image{imaging.Fit(img, side, side, imaging.Lanczos)}); err != nil {
			return err
		}
	}
	return nil
}

//go:embed testdata/pillow.py
var pillowScript string

// pillow runs the Python script with these arguments and with file as its input. It returns nil, and logs why, if
// Pillow is not installed.
func pillow(b *testing.B, file []byte, args ...string) []byte {
	b.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // the second one finds Debian's package
		cmd := exec.CommandContext(b.Context(), python, append([]string{"-c", pillowScript}, args...)...)
		cmd.Stdin = bytes.NewReader(file)
		if out, err := cmd.Output(); err == nil {
			return out
		}
	}
	b.Log("NOT MEASURED: Pillow is not installed (Debian's package is python3-pil)")
	return nil
}

// progressive converts a JPEG file to a progressive JPEG. It returns nil if Pillow is not installed.
func progressive(b *testing.B, file []byte) []byte { return pillow(b, file, "progressive") }

// withPillow benchmarks making pictures of these sizes with Pillow's thumbnail method, as the tutorial does. It reports
// the CPU time of the Python process, without the time that Python takes to start.
func withPillow(b *testing.B, file []byte, sizes []int) {
	args := []string{"thumbnails", strconv.Itoa(b.N)}
	for _, side := range sizes {
		args = append(args, strconv.Itoa(side))
	}
	out := pillow(b, file, args...)
	if out == nil {
		return
	}
	took, err := time.ParseDuration(strings.TrimSpace(string(out)) + "s")
	if err != nil {
		b.Fatal(fmt.Errorf("Pillow's time: %w", err))
	}
	reportCPU(b, took)
}
