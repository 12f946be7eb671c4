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
	// orphanAge is how old a picture without a book has to be before it is removed: longer than any request takes that
	// has stored the pictures and not yet the row.
	orphanAge = time.Hour

	// sweepBatch is how many pictures the database is asked about at once.
	sweepBatch = 500

	// CrashUploads is how many covers without this library's mark Sweep removes from a library of any size: as many
	// uploads as may be under way when a server is killed, together with the covers of one batch of books that were being
	// erased.
	CrashUploads = 10

	// More orphans than that, and than one picture in ten, are another library's: the database is not the one that
	// belongs to the pictures, or two libraries keep theirs in one place. A tenth, and not half, because the larger of
	// two such libraries would remove all pictures of the other.
	crashShare = 10
)

// ErrTooManyOrphans says that more pictures without this library's mark have no book than crashes leave, so that none of
// them was removed.
var ErrTooManyOrphans = errors.New("more pictures than crashes leave have no book in this database")

// Sweep removes the pictures that no book names and that are older than an hour by now: what a crash left between two
// steps. Pictures with this library's mark are removed however many there are; those of earlier builds, which have no
// mark, unless there are too many; those of other libraries and what is not of Add's making never. It says how many it
// removed; an error ends it early. ErrTooManyOrphans if those without this library's mark look like another library's.
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
	if doubtful <= max(CrashUploads*len(c.sizes), old/crashShare) {
		return c.RemovePictures(ctx, append(own, unmarked...))
	}
	removed, err = c.RemovePictures(ctx, own)
	return removed, errors.Join(err, fmt.Errorf("%w: %d of %d", ErrTooManyOrphans, doubtful, old))
}

// RemovePictures removes pictures by their keys and says how many. What is gone already is no error; an error ends it
// early.
func (c *Covers) RemovePictures(ctx context.Context, keys []string) (removed int, err error) {
	for _, key := range keys {
		if err := c.blobs.Delete(ctx, key); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// orphans are the keys of the old pictures that no book names, some 100 bytes each; old is how many old ones there are
// in all.
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

// isOldPicture says whether a blob is an orphan unless a book names it.
func isOldPicture(key string, modTime, now time.Time) bool {
	return models.CoverOf(key) != "" && now.Sub(modTime) >= orphanAge
}

// orphansOf are the pictures among these that no book names.
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
