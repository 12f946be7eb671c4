package covers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// cancelsAt is a reader that cancels a context after a number of bytes.
type cancelsAt struct {
	r      *bytes.Reader
	left   int
	cancel func()
}

func (c *cancelsAt) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= n; c.left <= 0 {
		c.cancel()
	}
	return n, err
}

// A decoder that reads while it decodes stops soon after the context has ended, even if it asks for the rest of the
// file in one call of Read.
func TestDecoderChecksContext(t *testing.T) {
	img := picture(400, 300)
	for name, file := range map[string][]byte{
		"progressive CMYK": flatJPEG(img.Rect.Max, 4, true),
		"PNG":              pngOf(t, img),
		"interlaced PNG":   flatPNG(img.Rect.Max, 16, pngRGBA, true),
		"GIF":              gifOf(t, img),
		"lossless WebP":    losslessWebP(400, 300, red, ochre),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			r := &cancelsAt{bytes.NewReader(file), len(file) / 2, cancel}
			if _, err := jobOf(t, small, file).decodeWhole(ctx, r); err == nil {
				t.Error("the picture was decoded")
			}
			if read := len(file) - r.r.Len(); read > len(file)/2+8 {
				t.Errorf("%d of %d bytes were read", read, len(file))
			}
		})
	}
}

func TestCheckedReader(t *testing.T) {
	content := make([]byte, 100)
	if err := iotest.TestReader(checkedReader{t.Context(), bytes.NewReader(content)}, content); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := io.ReadAll(checkedReader{ctx, bytes.NewReader(nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
