package scaledjpeg

import (
	"context"
	"errors"
	"testing"
)

// countdown is a context that is cancelled after its method Err was called a number of times, the field left.
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

// Decode checks its context for each row of blocks, and stops when it is cancelled.
func TestDecodeCancelled(t *testing.T) {
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
		checks := many - whole.left
		if checks < 2 {
			t.Fatalf("%s: the context was checked %d times", name, checks)
		}
		for n := range checks {
			ctx := &countdown{t.Context(), n}
			if img, err := Decode(ctx, file, Full); img != nil || !errors.Is(err, context.Canceled) || ctx.left != -1 {
				t.Errorf("%s, cancelled at check %d of %d: %v", name, n, checks, err)
			}
		}
	}
}
