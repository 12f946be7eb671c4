package covers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bookplate/models"
)

const (
	// orphanAge is the minimum age of a picture that the sweep deletes. No request takes that long between storing its
	// pictures and storing its book.
	orphanAge = time.Hour

	// sweepBatch is the number of pictures or books per database query.
	sweepBatch = 500

	// OrphanAllowance is how many orphaned covers without this library's mark Sweep deletes from a library of any size.
	// A crash leaves no more than that: the covers of concurrent uploads, and the covers of one batch of books that
	// were being deleted.
	OrphanAllowance = 10

	// orphanDivisor limits how many orphans without this library's mark Sweep deletes from a large library: one old
	// picture in ten. If there are more, they probably belong to another database, or two libraries share one blob
	// store. The limit is well below half, so that the larger of two such libraries does not delete the pictures of the
	// smaller.
	orphanDivisor = 10
)

// ErrTooManyOrphans is returned if there are more orphans than a crash can leave. Pictures with this library's mark do
// not count.
var ErrTooManyOrphans = errors.New("too many pictures have no book in this database")

// Sweep deletes orphans: pictures that no book names and that are at least an hour old. A crash leaves such pictures.
// Sweep ignores files that Add did not create. It returns the number of deleted pictures and stops at the first error.
//
// Sweep deletes all orphans with this library's mark, and none with the mark of another library. It also deletes
// orphans without a mark, which come from earlier versions. If there are more of these than crashes can explain,
// another library may use the same blob store. Then Sweep keeps them and returns ErrTooManyOrphans.
func (c *Covers) Sweep(ctx context.Context, books models.Books, now time.Time) (removed int, err error) {
	mark, err := c.mark()
	if err != nil {
		return 0, err
	}
	orphans, old, err := c.orphans(ctx, books, now)
	if err != nil {
		return 0, err
	}
	var own, unmarked []string
	for _, key := range orphans {
		switch models.CoverMarkOf(key) {
		case mark:
			own = append(own, key)
		case "":
			unmarked = append(unmarked, key)
		}
	}
	doubtful := len(orphans) - len(own)
	if doubtful <= max(OrphanAllowance*len(c.sizes), old/orphanDivisor) {
		return c.RemovePictures(ctx, append(own, unmarked...))
	}
	removed, err = c.RemovePictures(ctx, own)
	return removed, errors.Join(err, fmt.Errorf("%w: %d of %d", ErrTooManyOrphans, doubtful, old))
}

// RemovePictures deletes the pictures with these keys. It returns how many it deleted and stops at the first error.
// Missing pictures are not an error.
func (c *Covers) RemovePictures(ctx context.Context, keys []string) (removed int, err error) {
	for _, key := range keys {
		if err := c.blobs.Delete(ctx, key); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// orphans returns the keys of the orphans, which take about 100 bytes each. old is the number of all pictures that are
// at least an hour old, with or without a book.
func (c *Covers) orphans(
	ctx context.Context, books models.Books, now time.Time,
) (orphans []string, old int, err error) {
	var batch []string
	for blob, err := range c.blobs.List(ctx) {
		if err != nil {
			return nil, 0, err
		}
		if !isOldPicture(blob.Key, blob.ModTime, now) {
			continue
		}
		old++
		if batch = append(batch, blob.Key); len(batch) == sweepBatch {
			found, err := orphansOf(ctx, books, batch)
			if err != nil {
				return nil, 0, err
			}
			orphans, batch = append(orphans, found...), batch[:0]
		}
	}
	found, err := orphansOf(ctx, books, batch)
	return append(orphans, found...), old, err
}

// isOldPicture reports whether a blob is a picture that is old enough to be an orphan.
func isOldPicture(key string, modTime, now time.Time) bool {
	return models.CoverOf(key) != "" && now.Sub(modTime) >= orphanAge
}

// orphansOf returns those of the keys that no book names.
func orphansOf(ctx context.Context, books models.Books, keys []string) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var names []string
	for _, key := range keys {
		names = append(names, models.CoverOf(key))
	}
	slices.Sort(names)
	used, err := books.Covers(ctx, slices.Compact(names))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		return slices.Contains(used, models.CoverOf(key))
	}), nil
}
