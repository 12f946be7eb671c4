// Package covers makes a book's cover in several sizes from an uploaded picture, and stores it in a blob store. Every
// stored picture is encoded anew from decoded pixels, so no byte of an upload and none of its metadata is ever served.
package covers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/sync/errgroup"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Options are the sizes of a cover and the limits of uploads.
type Options struct {
	Mark      func() (string, error) // returns the library's mark, which is the end of the names of its covers
	Sizes     []int                  // sides, in pixels, of the squares that the pictures fit into; models.ThumbnailSize is always added
	MaxPixels int64                  // the most pixels of an upload, width times height; at least 1
	Memory    int64                  // the budget, in bytes, of all uploads that are decoded at the same time
}

// Covers adds, opens and removes covers. It is safe for concurrent use.
type Covers struct {
	blobs     blob.Store
	mark      func() (string, error)
	sizes     []int
	maxPixels int64
	memory    int64
	shares    *shares // of memory
}

// New returns Covers that stores its pictures in blobs.
func New(blobs blob.Store, options Options) *Covers {
	sizes := append([]int{models.ThumbnailSize}, options.Sizes...)
	slices.Sort(sizes)
	return &Covers{
		blobs:     blobs,
		mark:      options.Mark,
		sizes:     slices.Compact(sizes),
		maxPixels: options.MaxPixels,
		memory:    options.Memory,
		shares:    newShares(options.Memory),
	}
}

// Add makes a cover from a JPEG, PNG, GIF or WebP file and stores its pictures. From an animation, it takes the first
// frame. The account is the one that uploaded the file.
//
// The error is Invalid for the field cover_image if the file is not such a picture, is damaged or is too large. It is
// TooManyRequests if too many uploads of the account are waiting for memory. It is Unavailable if ctx ends while the
// upload waits for memory, or if the deadline of ctx passes later. Other errors are those of Options.Mark and of the
// blob store.
//
// Cancelling ctx stops Add only while the upload waits for memory. Later it does not, because the server also cancels
// ctx when a client closes only its sending side and still waits for the answer.
func (c *Covers) Add(ctx context.Context, account models.ID, file io.ReadSeeker) (models.Cover, error) {
	waiting := ctx
	ctx = context.WithoutCancel(ctx)
	if deadline, ok := waiting.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	mark, err := c.mark()
	if err != nil {
		return models.Cover{}, err
	}
	pictures, err := c.pictures(&upload{ctx: ctx, waiting: waiting, account: account, file: file})
	if err != nil {
		return models.Cover{}, err
	}
	cover := models.NewCover(mark, c.sizes)
	if err := c.put(ctx, cover, pictures); err != nil {
		return models.Cover{}, err
	}
	return cover, nil
}

// put stores the pictures of a cover concurrently. If one cannot be stored, put cancels the other calls of Put and
// deletes the pictures whose Put succeeded. A cancelled Put may still store its picture later, even after a Delete, so
// put leaves that picture to the sweep.
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

// errDamaged is the cause of the NotFound error for a damaged picture.
var errDamaged = errors.New("the picture is empty or cut off")

// Open opens the picture with that key. The error is NotFound if there is no such picture, if it is empty or cut off,
// or if the key is malformed.
func (c *Covers) Open(ctx context.Context, key string) (blob.Object, error) {
	picture, err := c.blobs.Open(ctx, key)
	if err != nil {
		return blob.Object{}, err
	}
	if err := checkWhole(key, picture); err != nil {
		return blob.Object{}, errors.Join(err, picture.Close())
	}
	return picture, nil
}

// endOfImage is the marker at the end of a JPEG.
var endOfImage = []byte{0xff, 0xd9}

// checkWhole returns an error if a picture is damaged. It reads only the end of the picture, because a crash or a full
// disk cuts a file off or leaves zeros at its end. A picture that Add did not create may have any format, so it is an
// error only if it is empty.
func checkWhole(key string, picture io.ReadSeeker) error {
	size, err := picture.Seek(0, io.SeekEnd)
	end := make([]byte, min(size, int64(len(endOfImage))))
	if err == nil {
		_, err = picture.Seek(-int64(len(end)), io.SeekEnd)
	}
	if err == nil {
		_, err = io.ReadFull(picture, end)
	}
	if err == nil {
		_, err = picture.Seek(0, io.SeekStart)
	}
	switch {
	case err != nil:
		return &models.Error{Code: models.Unavailable, Err: err}
	case size == 0, models.CoverOf(key) != "" && !bytes.Equal(end, endOfImage):
		return &models.Error{Code: models.NotFound, Err: errDamaged}
	}
	return nil
}

// Remove deletes the pictures of a cover. Missing pictures are not an error. If Remove fails, the sweep deletes the
// remaining pictures later.
func (c *Covers) Remove(ctx context.Context, cover models.Cover) error {
	_, err := c.RemovePictures(ctx, cover.Keys())
	return err
}

// Ping returns an error if the blob store does not work.
func (c *Covers) Ping(ctx context.Context) error { return c.blobs.Ping(ctx) }
