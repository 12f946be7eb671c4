package covers

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
)

// checksAtOnce is the number of pictures that Check opens concurrently, because S3 takes tens of milliseconds to
// answer.
const checksAtOnce = 8

// Report is the result of Covers.Check.
type Report struct {
	Books    int      // books that have a cover
	Missing  []string // keys of pictures that a book names but the store does not have
	Damaged  []string // keys of pictures that a book names but that are empty or cut off
	Orphaned []string // keys of pictures, at least an hour old, that no book names
}

// Check opens the cover pictures of all books, and reports missing, damaged and orphaned pictures. It keeps the keys of
// all stored pictures in memory, about 100 bytes each. Check deletes no pictures, but the List method of the blob store
// may delete incomplete files that a crash has left.
func (c *Covers) Check(ctx context.Context, books models.Books, now time.Time) (Report, error) {
	pictures := map[string]time.Time{}
	for blob, err := range c.blobs.List(ctx) {
		if err != nil {
			return Report{}, err
		}
		pictures[blob.Key] = blob.ModTime
	}
	var report Report
	filter := models.BookFilter{Sort: models.SortCreated, Limit: sweepBatch}
	for {
		page, err := books.List(ctx, filter)
		if err != nil {
			return Report{}, err
		}
		var keys []string
		for _, book := range page {
			if book.Cover.Name != "" {
				report.Books++
			}
			keys = append(keys, book.Cover.Keys()...)
		}
		if err := c.check(ctx, keys, &report); err != nil {
			return Report{}, err
		}
		for _, key := range keys {
			delete(pictures, key)
		}
		if len(page) < filter.Limit {
			break
		}
		filter.After = &models.Cursor{ID: page[len(page)-1].ID}
	}
	var unnamed []string
	for key, at := range pictures {
		if isOldPicture(key, at, now) {
			unnamed = append(unnamed, key)
		}
	}
	// Some of these pictures are covers of books in the trash, which are not in the list of books.
	for keys := range slices.Chunk(slices.Sorted(slices.Values(unnamed)), sweepBatch) {
		orphans, err := orphansOf(ctx, books, keys)
		if err != nil {
			return Report{}, err
		}
		report.Orphaned = append(report.Orphaned, orphans...)
	}
	return report, nil
}

// check opens the pictures with these keys, and adds those that are missing or damaged to the report.
func (c *Covers) check(ctx context.Context, keys []string, report *Report) error {
	errs := make([]error, len(keys))
	var checks errgroup.Group
	checks.SetLimit(checksAtOnce)
	for i, key := range keys {
		checks.Go(func() error {
			picture, err := c.Open(ctx, key)
			if err == nil {
				return picture.Close()
			}
			if errs[i] = err; models.CodeOf(err) == models.NotFound {
				return nil
			}
			return err
		})
	}
	if err := checks.Wait(); err != nil {
		return err
	}
	for i, err := range errs {
		switch {
		case errors.Is(err, errDamaged):
			report.Damaged = append(report.Damaged, keys[i])
		case err != nil:
			report.Missing = append(report.Missing, keys[i])
		}
	}
	return nil
}
