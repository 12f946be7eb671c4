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

// withImaging makes pictures of an upload the plain way: every pixel is decoded, and imaging's Lanczos reduces them.
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

// pillow runs the script with arguments and a file as its input. It is nil where Pillow is not installed, and the
// benchmark says so.
func pillow(b *testing.B, file []byte, args ...string) []byte {
	b.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} { // Debian's package is the second one's
		cmd := exec.CommandContext(b.Context(), python, append([]string{"-c", pillowScript}, args...)...)
		cmd.Stdin = bytes.NewReader(file)
		if out, err := cmd.Output(); err == nil {
			return out
		}
	}
	b.Log("NOT MEASURED: Pillow is not installed (Debian's package is python3-pil)")
	return nil
}

// progressive is a JPEG made progressive, or nil without Pillow.
func progressive(b *testing.B, file []byte) []byte { return pillow(b, file, "progressive") }

// withPillow makes pictures with Pillow's thumbnail, as the tutorial does. What is reported is its process's own time,
// without its start.
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
