// Package covers turns an uploaded picture into a book's thumbnail and keeps it in a blob store. What is stored is always
// encoded here from decoded pixels: no byte of an upload is ever served, and no metadata survives.
package covers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"time"

	"golang.org/x/sync/semaphore"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Limits bound what pictures may cost.
type Limits struct {
	MaxPixels int64 // of one picture, width times height, at least 1
	Slots     int   // pictures decoded at the same time, at least 1; more than there are cores only costs memory
}

// Covers makes, opens and removes covers. It is safe for concurrent use.
type Covers struct {
	blobs     blob.Store
	maxPixels int64
	slots     *semaphore.Weighted
}

// New returns the covers that are kept in blobs.
func New(blobs blob.Store, limits Limits) *Covers {
	return &Covers{
		blobs:     blobs,
		maxPixels: limits.MaxPixels,
		slots:     semaphore.NewWeighted(int64(limits.Slots)),
	}
}

// slotRetryAfter is what a client is told to wait when no slot came free in time: a photo of 12 megapixels holds its slot
// for about a second.
const slotRetryAfter = 2 * time.Second

// Add makes a thumbnail of an uploaded JPEG, PNG, GIF (its first frame) or WebP and returns the key it is stored under.
// Invalid, naming the field cover_image, if the file is no such picture, is broken or too large; Unavailable if ctx ends
// before there is a slot or while the file is read; otherwise the blob store's errors.
func (c *Covers) Add(ctx context.Context, file io.ReadSeeker) (key string, err error) {
	content, err := c.thumbnail(&upload{ctx: ctx, file: file})
	if err != nil {
		return "", err
	}
	key = newKey()
	if err := c.blobs.Put(ctx, key, content); err != nil {
		return "", err
	}
	return key, nil
}

// Open opens a thumbnail. NotFound, for what is no key as well.
func (c *Covers) Open(ctx context.Context, key string) (blob.Object, error) {
	return c.blobs.Open(ctx, key)
}

// Remove removes a thumbnail. Removing one that is gone is no error.
func (c *Covers) Remove(ctx context.Context, key string) error {
	return c.blobs.Delete(ctx, key)
}

// Ping reports why covers cannot be kept right now, if they cannot.
func (c *Covers) Ping(ctx context.Context) error { return c.blobs.Ping(ctx) }

// thumbnail checks all that the header tells before it takes a slot, and holds the slot while there are pixels.
func (c *Covers) thumbnail(up *upload) ([]byte, error) {
	f, err := up.format()
	if err != nil {
		return nil, err
	}
	if err := up.checkSize(f, c.maxPixels); err != nil {
		return nil, err
	}
	turned, err := up.orientation()
	if err != nil {
		return nil, err
	}
	if err := c.slots.Acquire(up.ctx, 1); err != nil {
		return nil, &models.Error{Code: models.Unavailable, RetryAfter: slotRetryAfter, Err: err}
	}
	defer c.slots.Release(1)
	img, err := up.decode(f)
	if err != nil {
		return nil, err
	}
	// Turning comes after reducing: it does not change what fits a square, and costs next to nothing there.
	return encode(flatten(turned.upright(reduce(img))))
}

// newKey makes a key of 128 random bits: nobody guesses it, and what is under it never changes.
func newKey() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24: it ends the program instead
	return hex.EncodeToString(b[:]) + ".jpg"
}
