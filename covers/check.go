package covers

import (
	"context"
	"slices"
	"time"

	"bookplate/models"
)

// Report is the result of a check.
type Report struct {
	Books    int      // books that have a cover
	Missing  []string // keys of pictures that a book names but the store does not have
	Orphaned []string // keys of pictures, at least an hour old, that no book names
}

// Check compares all books with all pictures. It keeps the keys of the pictures in memory, about 100 bytes each. It
// deletes no pictures, but the store's List may delete files that a crash left half written.
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
		for _, book := range page {
			if err := c.check(ctx, book.Cover, pictures, &report); err != nil {
				return Report{}, err
			}
		}
		if len(page) < filter.Limit {
			break
		}
		filter.After = &models.Cursor{ID: page[len(page)-1].ID}
	}
	for key, at := range pictures {
		if isOldPicture(key, at, now) {
			report.Orphaned = append(report.Orphaned, key)
		}
	}
	slices.Sort(report.Orphaned)
	return report, nil
}

// check looks for the pictures of one cover, and deletes those it finds from pictures. It opens a picture that is not
// listed: it may have been added after the list was made.
func (c *Covers) check(ctx context.Context, cover models.Cover, pictures map[string]time.Time, report *Report) error {
	if cover.Name != "" {
		report.Books++
	}
	for _, key := range cover.Keys() {
		if _, found := pictures[key]; found {
			delete(pictures, key)
			continue
		}
		picture, err := c.Open(ctx, key)
		switch {
		case models.CodeOf(err) == models.NotFound:
			report.Missing = append(report.Missing, key)
		case err != nil:
			return err
		default:
			_ = picture.Close() // nothing was read
		}
	}
	return nil
}
