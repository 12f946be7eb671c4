package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Upkeep runs at once and after every interval, sooner where it failed, until it is told to end.
func TestEvery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var at []time.Duration
		every(ctx, time.Minute, slog.New(slog.DiscardHandler), func() error {
			at = append(at, time.Since(start))
			switch len(at) {
			case 2:
				return errors.New("the database is away")
			case 4:
				stop()
			}
			return nil
		})
		want := []time.Duration{0, time.Minute, time.Minute + upkeepRetry, 2*time.Minute + upkeepRetry}
		if !slices.Equal(at, want) {
			t.Errorf("it ran after %v, want %v", at, want)
		}
	})
}
