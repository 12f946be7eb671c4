// Package covers makes a book's cover in several sizes from an uploaded picture, and stores it in a blob store. Every
// stored picture is encoded anew from decoded pixels, so no byte of an upload and none of its metadata is ever served.
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

// Options are the sizes of a cover and the limits of uploads.
type Options struct {
	Sizes     []int // sides, in pixels, of the squares that the pictures fit into; models.ThumbnailSize is always added
	MaxPixels int64 // the most pixels of an upload, width times height; at least 1
	Memory    int64 // the budget, in bytes, of all uploads that are decoded at the same time
}

// Covers adds, opens and removes covers. It is safe for concurrent use.
type Covers struct {
	blobs     blob.Store
	sizes     []int
	maxPixels int64
	memory    int64
	shares    *semaphore.Weighted // of memory, in bytes
}

// New returns Covers that stores its pictures in blobs.
func New(blobs blob.Store, options Options) *Covers {
	sizes := append([]int{models.ThumbnailSize}, options.Sizes...)
	slices.Sort(sizes)
	return &Covers{
		blobs:     blobs,
		sizes:     slices.Compact(sizes),
		maxPixels: options.MaxPixels,
		memory:    options.Memory,
		shares:    semaphore.NewWeighted(options.Memory),
	}
}

// retryAfter is the Retry-After of an upload that waited for memory in vain. Decoding takes at most about a second.
const retryAfter = 2 * time.Second

// Add makes a cover from an uploaded JPEG, PNG, GIF (its first frame) or WebP and stores it. The error is Invalid, naming
// the field cover_image, if the file is not such a picture, is damaged or is too large. It is Unavailable if ctx ends
// while the upload waits for memory, or if ctx's deadline passes. Once the upload has its memory, cancelling ctx does not
// stop it, because a client that closes its sending side may wait for the answer. Other errors are those of the blob
// store.
func (c *Covers) Add(ctx context.Context, file io.ReadSeeker) (models.Cover, error) {
	waiting := ctx
	ctx = context.WithoutCancel(ctx)
	if deadline, ok := waiting.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	pictures, err := c.pictures(&upload{ctx: ctx, waiting: waiting, file: file})
	if err != nil {
		return models.Cover{}, err
	}
	cover := models.NewCover(c.sizes)
	if err := c.put(ctx, cover, pictures); err != nil {
		return models.Cover{}, err
	}
	return cover, nil
}

// put stores the pictures of a cover concurrently. If one fails, it deletes those that were stored. The others are left
// to the sweep: a Put that was cancelled may still take effect, even after a Delete.
func (c *Covers) put(ctx context.Context, cover models.Cover, pictures [][]byte) error {
	stored := make([]string, len(pictures)) // keys; empty if the Put failed
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

// Open opens the picture with that key. The error is NotFound if there is none, or if the key is malformed.
func (c *Covers) Open(ctx context.Context, key string) (blob.Object, error) {
	return c.blobs.Open(ctx, key)
}

// Remove deletes the pictures of a cover. Missing pictures are not an error. The sweep deletes what remains after an
// error.
func (c *Covers) Remove(ctx context.Context, cover models.Cover) error {
	_, err := c.RemovePictures(ctx, cover.Keys())
	return err
}

// Ping returns an error if the blob store does not work.
func (c *Covers) Ping(ctx context.Context) error { return c.blobs.Ping(ctx) }
