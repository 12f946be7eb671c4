// Package blob defines the interface of a blob store, which holds the pictures of books, and validates its keys.
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

// MaxSize is the largest size of a blob, in bytes. A store that cannot seek can read a whole blob into memory. A
// thumbnail of 600×600 pixels is far smaller: less than 200,000 bytes.
const MaxSize = 16 << 20

// Store stores blobs by key. Its methods return errors of type *models.Error with the code NotFound, Unavailable,
// InsufficientStorage or Internal. Package blobtest tests this contract.
type Store interface {
	// Put stores a blob of at most MaxSize bytes. The key must never have been used. When Put returns nil, the blob is
	// durable.
	//
	// When Put returns an error, the blob is either absent or complete, never partial. It is complete if only the
	// server's response was lost. The caller must not use the key again. The sweep of unused covers deletes such a blob
	// later.
	//
	// If two calls store the same key at the same time, at least one of them succeeds.
	Put(ctx context.Context, key string, content []byte) error
	// Open opens a blob for reading. The error is NotFound if there is no blob with the key.
	Open(ctx context.Context, key string) (Object, error)
	// Delete deletes a blob. It returns nil if there is none.
	Delete(ctx context.Context, key string) error
	// List returns all blobs in any order. It reads at most one page ahead. The list may lack a blob that is stored or
	// deleted meanwhile. The caller may delete blobs that it has received.
	//
	// A failed Put or Delete can leave an incomplete blob, which Open does not find. List either returns such a blob,
	// so that the caller can delete it, or deletes it. It only deletes a blob that is too old to belong to a running
	// Put.
	//
	// If reading the list fails, List yields an empty Info with the error and ends.
	List(ctx context.Context) iter.Seq2[Info, error]
	// Ping returns an error if the store cannot be used now.
	Ping(ctx context.Context) error
	// Close releases the store's files and connections.
	Close() error
}

// Info describes a blob in a list.
type Info struct {
	Key     string
	ModTime time.Time // when the blob was stored, by the store's clock
}

// Object is an open blob.
type Object struct {
	io.ReadSeekCloser
	ModTime time.Time
}

var keyPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}\.(jpg|jpeg|png|gif)$`)

// CheckKey returns an error unless key is valid. A valid key is a plain file name, so that it cannot name a file
// outside the store's folder.
func CheckKey(key string) error {
	if !keyPattern.MatchString(key) {
		return errors.New("invalid blob key, want a plain name such as 0123456789abcdef.jpg")
	}
	return nil
}

// Check returns an error if key is invalid or content is larger than MaxSize.
func Check(key string, content []byte) error {
	if len(content) > MaxSize {
		return fmt.Errorf("the blob has %d bytes, more than %d", len(content), MaxSize)
	}
	return CheckKey(key)
}
