package covers

import (
	"context"
	"slices"
	"time"

	"bookplate/models"
)

// Report is what a check found.
type Report struct {
	Books    int      // books with a cover of their own
	Missing  []string // keys of pictures that a book names and that are not there
	Orphaned []string // keys of pictures, older than an hour, that no book names
}

// Check compares all books with all pictures. It keeps the pictures' keys in memory, some 100 bytes each. A picture
// that is listed counts as there. The list has half-done ones as well, but no book names any: its row is written when
// Add has stored the whole pictures, and names others, or is gone, before they are removed. No picture is removed, but
// what a crash left half written on a disk is, by the store's List.
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

// check looks for a book's pictures, and takes those that are there off the list. One that is not on it is looked for
// again: it may have come since the list was made.
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
			_ = picture.Close() // it was only looked at
		}
	}
	return nil
}
