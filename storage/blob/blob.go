// Package blob keeps the pictures that the database rows name: the interface of a blob store and the rules of its keys.
package blob

import (
	"context"
	"errors"
	"io"
	"regexp"
	"time"
)

// Store keeps blobs by key. Errors are *models.Error: NotFound, Unavailable, InsufficientStorage, and Internal for the
// rest. Package blobtest holds every store to this contract.
type Store interface {
	// Put stores a blob under a key that is not in use. When it returns nil the blob is durable; when it does not, there
	// is nothing under that key.
	Put(ctx context.Context, key string, content []byte) error
	// Open opens a blob for reading. NotFound.
	Open(ctx context.Context, key string) (Object, error)
	// Delete removes a blob. Removing one that is gone is no error.
	Delete(ctx context.Context, key string) error
	// Ping reports why the store cannot be used right now, if it cannot.
	Ping(ctx context.Context) error
	Close() error
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
