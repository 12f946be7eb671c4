package scaledjpeg

import (
	"context"
	"errors"
	"testing"
)

// countdown is a context that ends when it has been looked at so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A decoder looks at its context for each row of blocks, and stops when it has ended.
func TestDecodingStopsWithItsContext(t *testing.T) {
	for _, name := range []string{"baseline-420", "progressive-420"} {
		file, ok := testFiles(t)[name]
		if !ok {
			t.Fatalf("no file %s", name)
		}
		const many = 1 << 20
		whole := &countdown{t.Context(), many}
		if _, err := Decode(whole, file, Full); err != nil {
			t.Fatal(err)
		}
		looks := many - whole.left
		if looks < 2 {
			t.Fatalf("%s: it looked %d times", name, looks)
		}
		for n := range looks {
			ctx := &countdown{t.Context(), n}
			if img, err := Decode(ctx, file, Full); img != nil || !errors.Is(err, context.Canceled) || ctx.left != -1 {
				t.Errorf("%s, ended at look %d of %d: %v", name, n, looks, err)
			}
		}
	}
}
