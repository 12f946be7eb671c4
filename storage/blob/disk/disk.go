// Package disk keeps blobs as files of one folder.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"bookplate/models"
	"bookplate/storage/blob"
)

const (
	// partSuffix ends the name of a file that is still being written. No key ends so.
	partSuffix = ".part"

	// partAge is how old such a file is when nobody can be writing it any more: longer than any request takes.
	partAge = time.Hour
)

// Store is a folder of blobs. Everything goes through an os.Root, so that neither a key nor a symbolic link leads out.
type Store struct {
	root *os.Root
}

// Open opens a folder, and makes it, for the server's user alone, if it is not there. The error names the folder and is
// meant for the operator.
func Open(dir string) (*Store, error) {
	s, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("the folder for covers, %q, cannot be used: %w", dir, err)
	}
	return s, nil
}

func open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{root: root}
	if err := s.tryWrite(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Put writes beside the target, syncs, and renames: under the key there is the whole blob or nothing.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return failure(err)
	}
	part := rand.Text() + partSuffix
	err := s.write(part, content)
	if err == nil {
		err = s.publish(part, key)
	}
	if err != nil {
		_ = s.root.Remove(part) // if even that fails, List removes it
		return failure(err)
	}
	return nil
}

// Open opens the blob's file.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return blob.Object{}, failure(err)
	}
	f, err := s.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	if err != nil {
		return blob.Object{}, failure(err)
	}
	info, err := f.Stat()
	if err != nil {
		return blob.Object{}, failure(errors.Join(err, f.Close()))
	}
	return blob.Object{ReadSeekCloser: f, ModTime: info.ModTime()}, nil
}

// Delete removes the blob's file. The folder is not synced: a blob that a power cut brings back is an orphan like any
// other.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return failure(err)
	}
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failure(err)
	}
	return nil
}

// Ping makes a file and removes it: a folder that is gone or has become read-only shows in no cheaper way.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return failure(err)
	}
	if err := s.tryWrite(); err != nil {
		return failure(err)
	}
	return nil
}

// Close lets go of the folder. Blobs that are open stay readable.
func (s *Store) Close() error { return s.root.Close() }
