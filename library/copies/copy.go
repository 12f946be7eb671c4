// Package copies copies whole libraries from one database to another, and makes and restores backups.
package copies

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Limits of a batch of records: their number, and roughly their size as JSON. A larger batch is faster, because SQLite
// writes each changed page of an index once per batch.
const (
	batchSize  = 5000
	batchBytes = 8 << 20
)

// checkStep is the number of records between two progress reports of a check.
const checkStep = 1000

// Source is a library to copy.
type Source struct {
	Store  models.Store
	Covers Covers
}

// Target is an empty library, or an unfinished copy.
type Target struct {
	Store  models.Store
	Covers blob.Store
}

// Progress reports how much of a step is done. total may be an estimate, or unknown. Several goroutines may call it at
// once.
type Progress func(step string, done, total int64)

// unknown is passed to Progress as an unknown total.
const unknown = -1

// Copy copies all records and covers of a library to an empty one, and compares the two. The copies are unchanged,
// including ids, sessions, password hashes and the names of covers. If an earlier Copy to the same target did not
// finish, Copy continues it.
//
// The source must not change during the copy. Otherwise the copy may lack the changes.
func Copy(ctx context.Context, from Source, to Target, progress Progress) (Summary, error) {
	mark, err := from.Store.CoverMark()
	if err != nil {
		return nil, err
	}
	resumed, err := start(ctx, to, mark)
	if err != nil {
		return nil, err
	}
	c := copier{from: from, to: to, mark: mark, resumed: resumed, progress: progress}
	copied, err := c.copy(ctx)
	if err != nil {
		return nil, err
	}
	found, err := c.check(ctx, copied)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(found, copied) {
		return nil, fmt.Errorf("the copy differs from the source; copy again into an empty database, and stop the server that uses "+
			"the source:\n\nread from the source\n%s\nstored in the copy\n%s", copied, found)
	}
	return copied, to.Store.Records().Finish(ctx)
}

// Errors of Copy about its target.
var (
	ErrNotEmpty = errors.New("the target is not empty: choose another one, or remove its data")
	ErrCopied   = errors.New("the target is the source itself, or already a complete copy of it")
	ErrOther    = errors.New("the target is an unfinished copy of another library: choose another one, or remove its data")
)

// start makes the target an unfinished copy of the library with that mark. It reports whether it was one already.
func start(ctx context.Context, to Target, mark string) (resumed bool, err error) {
	records := to.Store.Records()
	switch records.Unfinished() {
	case mark:
		return true, nil
	case "":
	default:
		return false, ErrOther
	}
	own, err := to.Store.CoverMark()
	if err != nil {
		return false, err
	}
	if own == mark {
		return false, ErrCopied
	}
	for _, c := range models.Collections {
		n, err := records.Count(ctx, c)
		if err != nil {
			return false, err
		}
		if n > 0 {
			return false, fmt.Errorf("%w (its collection %s has %d)", ErrNotEmpty, c, n)
		}
	}
	for cover, err := range to.Covers.List(ctx) {
		if err != nil {
			return false, err
		}
		return false, fmt.Errorf("%w (its covers have %s)", ErrNotEmpty, cover.Key)
	}
	return false, records.Begin(ctx, mark)
}

type copier struct {
	from     Source
	to       Target
	mark     string // of the source
	resumed  bool   // whether the target may have some of the covers already
	pictures int64  // the number of pictures of the books
	progress Progress
}

func (c *copier) copy(ctx context.Context) (Summary, error) {
	summary, err := c.copyAllRecords(ctx)
	if err != nil {
		return nil, err
	}
	d, err := c.copyCovers(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot copy the covers: %w", err)
	}
	return append(summary, d.line(coversLine)), nil
}

func (c *copier) copyAllRecords(ctx context.Context) (summary Summary, err error) {
	for _, collection := range models.Collections {
		d, err := c.copyRecords(ctx, collection)
		if err != nil {
			return nil, fmt.Errorf("cannot copy %s: %w", collection, err)
		}
		summary = append(summary, d.line(string(collection)))
	}
	return summary, nil
}

func (c *copier) copyRecords(ctx context.Context, collection models.Collection) (d digest, err error) {
	total, err := c.from.Store.Records().Count(ctx, collection)
	if err != nil {
		return d, err
	}
	batch, size := make([]any, 0, batchSize), 0
	store := func() error {
		err := c.to.Store.Records().Add(ctx, collection, batch)
		batch, size = batch[:0], 0
		c.progress(string(collection), d.count, total)
		return err
	}
	for record, err := range c.from.Store.Records().All(ctx, collection) {
		if err != nil {
			return d, err
		}
		n, err := d.add(record)
		if err != nil {
			return d, err
		}
		if b, ok := record.(models.Book); ok {
			c.pictures += int64(len(b.Cover.Keys()))
		}
		batch, size = append(batch, record), size+n
		if len(batch) == batchSize || size >= batchBytes {
			if err := store(); err != nil {
				return d, err
			}
		}
	}
	err = store()
	return d, err
}

// check reads all records and covers of the target, and summarizes them.
func (c *copier) check(ctx context.Context, copied Summary) (Summary, error) {
	var summary Summary
	for i, collection := range models.Collections {
		var d digest
		for record, err := range c.to.Store.Records().All(ctx, collection) {
			if err != nil {
				return nil, fmt.Errorf("cannot check %s: %w", collection, err)
			}
			if _, err := d.add(record); err != nil {
				return nil, err
			}
			if d.count%checkStep == 0 {
				c.progress(checking+string(collection), d.count, copied[i].Count)
			}
		}
		summary = append(summary, d.line(string(collection)))
	}
	d, err := c.checkCovers(ctx, copied[len(copied)-1].Count)
	if err != nil {
		return nil, fmt.Errorf("cannot check the covers: %w", err)
	}
	return append(summary, d.line(coversLine)), nil
}
