// Package blob keeps the pictures that the database rows name: the interface of a blob store and the rules of its keys.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"time"
)

// MaxSize is the size of the largest blob, in bytes. A thumbnail of 600×600 has less than 200,000; a store whose
// protocol cannot seek may read a blob whole.
const MaxSize = 16 << 20

// Store keeps blobs by key. Errors are *models.Error: NotFound, Unavailable, InsufficientStorage, and Internal for the
// rest. Package blobtest holds every store to this contract.
type Store interface {
	// Put stores a blob of at most MaxSize under a key that was never used. When it returns nil the blob is durable.
	// When it does not, there is never a part of the blob, but all of it may be there if it was the answer that got
	// lost: do not use the key, and leave it to those who List. Of two calls at once for one key, one or both succeed.
	Put(ctx context.Context, key string, content []byte) error
	// Open opens a blob for reading. NotFound.
	Open(ctx context.Context, key string) (Object, error)
	// Delete removes a blob. Removing one that is gone is no error.
	Delete(ctx context.Context, key string) error
	// List goes through all blobs in any order and reads ahead by no more than a page, however many there are. One that
	// comes or goes meanwhile may be missing; deleting those that have come by is fine. What a Put or a Delete left
	// half done is listed as well: Open does not find it, Delete removes it. Or else List itself removes it, once it is
	// too old to be under way. An error is the last that comes, with no Info.
	List(ctx context.Context) iter.Seq2[Info, error]
	// Ping reports why the store cannot be used right now, if it cannot.
	Ping(ctx context.Context) error
	Close() error
}

// Info is what a list tells of a blob.
type Info struct {
	Key     string
	ModTime time.Time // of the Put, by the store's clock
}

// Object is an open blob.
type Object struct {
	io.ReadSeekCloser
	ModTime time.Time
}

var keyPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}\.(jpg|jpeg|png|gif)$`)

// CheckKey refuses what is no key: a key is a plain file name, so that it can never lead out of its folder.
func CheckKey(key string) error {
	if !keyPattern.MatchString(key) {
		return errors.New("a blob key is a plain name such as 0123456789abcdef.jpg")
	}
	return nil
}

// Check refuses what cannot be put.
func Check(key string, content []byte) error {
	if len(content) > MaxSize {
		return fmt.Errorf("a blob has at most %d bytes, not %d", MaxSize, len(content))
	}
	return CheckKey(key)
}
