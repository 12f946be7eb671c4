// Package covers turns an uploaded picture into a book's cover, in several sizes, and keeps it in a blob store. What is
// stored is always encoded here from decoded pixels: no byte of an upload is ever served, and no metadata survives.
package covers

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Options are what a cover is made of, and what making it may cost.
type Options struct {
	Mark      func() (string, error) // returns the library's, which the names of its covers end with
	Sizes     []int                  // pixels of the square that a picture fits; the thumbnail's is made in any case
	MaxPixels int64                  // of one upload, width times height, at least 1
	Memory    int64                  // bytes that all decoding at one time may take
}

// Covers makes, opens and removes covers. It is safe for concurrent use.
type Covers struct {
	blobs     blob.Store
	mark      func() (string, error)
	sizes     []int
	maxPixels int64
	memory    int64
	slots     *semaphore.Weighted // of bytes
}

// New returns the covers that are kept in blobs.
func New(blobs blob.Store, options Options) *Covers {
	sizes := append([]int{models.ThumbnailSize}, options.Sizes...)
	slices.Sort(sizes)
	return &Covers{
		blobs:     blobs,
		mark:      options.Mark,
		sizes:     slices.Compact(sizes),
		maxPixels: options.MaxPixels,
		memory:    options.Memory,
		slots:     semaphore.NewWeighted(options.Memory),
	}
}

// slotRetryAfter is what a client is told to wait when no memory came free in time. A decode takes about a second at
// worst.
const slotRetryAfter = 2 * time.Second

// Add makes a cover of an uploaded JPEG, PNG, GIF (its first frame) or WebP and stores it. Invalid, naming the field
// cover_image, if the file is no such picture, is broken or too large; Unavailable if ctx ends before there is memory
// or before the picture is decoded, which then stops; otherwise the errors of Mark and of the blob store.
func (c *Covers) Add(ctx context.Context, file io.ReadSeeker) (models.Cover, error) {
	mark, err := c.mark()
	if err != nil {
		return models.Cover{}, err
	}
	pictures, err := c.pictures(&upload{ctx: ctx, file: file})
	if err != nil {
		return models.Cover{}, err
	}
	cover := models.NewCover(mark, c.sizes)
	if err := c.put(ctx, cover, pictures); err != nil {
		return models.Cover{}, err
	}
	return cover, nil
}

// put stores a cover's pictures, all at once. If one fails, those that were stored are removed. Those that were not are
// left to the sweep: a call that was cut short may still take effect, and so after a Delete.
func (c *Covers) put(ctx context.Context, cover models.Cover, pictures [][]byte) error {
	stored := make([]string, len(pictures)) // the keys; empty where a call failed
	puts, putCtx := errgroup.WithContext(ctx)
	for i, key := range cover.Keys() {
		puts.Go(func() error {
			if err := c.blobs.Put(putCtx, key, pictures[i]); err != nil {
				return err
			}
			stored[i] = key
			return nil
		})
	}
	err := puts.Wait()
	if err == nil {
		return nil
	}
	stored = slices.DeleteFunc(stored, func(key string) bool { return key == "" })
	_, failed := c.RemovePictures(context.WithoutCancel(ctx), stored)
	return errors.Join(err, failed)
}

// Open opens a picture by its key. NotFound, for what is no key as well.
func (c *Covers) Open(ctx context.Context, key string) (blob.Object, error) {
	return c.blobs.Open(ctx, key)
}

// Remove removes a cover in all its sizes. What is gone already is no error; what an error leaves is for the sweep.
func (c *Covers) Remove(ctx context.Context, cover models.Cover) error {
	_, err := c.RemovePictures(ctx, cover.Keys())
	return err
}

// Ping reports why covers cannot be kept right now, if they cannot.
func (c *Covers) Ping(ctx context.Context) error { return c.blobs.Ping(ctx) }
