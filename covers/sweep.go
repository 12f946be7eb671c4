package covers

import (
	"context"
	"slices"
	"time"

	"bookplate/models"
)

const (
	// orphanAge is how old a picture without a book has to be before it is removed: longer than any request takes that
	// has stored the pictures and not yet the row.
	orphanAge = time.Hour

	// sweepBatch is how many pictures the database is asked about at once.
	sweepBatch = 500
)

// Library tells which covers books have. It is models.Books, as far as a sweep needs it.
type Library interface {
	Covers(ctx context.Context, names []string) ([]string, error)
}

// Sweep removes the pictures that no book names and that are older than an hour by now: what a crash left between two
// steps. What is not of Add's making is left alone. It says how many there were; an error ends it early.
func (c *Covers) Sweep(ctx context.Context, library Library, now time.Time) (removed int, err error) {
	var batch []string
	sweep := func() error {
		orphans, err := orphansOf(ctx, library, batch)
		batch = batch[:0]
		for _, key := range orphans {
			if err := c.blobs.Delete(ctx, key); err != nil {
				return err
			}
			removed++
		}
		return err
	}
	for blob, err := range c.blobs.List(ctx) {
		if err != nil {
			return removed, err
		}
		if models.CoverOf(blob.Key) == "" || now.Sub(blob.ModTime) < orphanAge {
			continue
		}
		if batch = append(batch, blob.Key); len(batch) == sweepBatch {
			if err := sweep(); err != nil {
				return removed, err
			}
		}
	}
	return removed, sweep()
}

// orphansOf are the pictures among these that no book names.
func orphansOf(ctx context.Context, library Library, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var names []string
	for _, key := range keys {
		names = append(names, models.CoverOf(key))
	}
	slices.Sort(names)
	used, err := library.Covers(ctx, slices.Compact(names))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.Contains(used, models.CoverOf(key))
	}), nil
}
