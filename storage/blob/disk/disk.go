// Package disk stores blobs as files in one folder.
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
	// partSuffix ends the name of a file that is still being written. No valid key ends with it.
	partSuffix = ".part"

	// maxPartAge is the age at which List deletes a file with partSuffix. No request takes that long.
	maxPartAge = time.Hour
)

// Store is a folder of blobs. It opens files through an os.Root, which allows no access to files outside the folder,
// not even through a symbolic link.
type Store struct {
	root *os.Root
}

// Open opens a folder, which must exist. The error is for the operator and names the folder.
func Open(dir string) (*Store, error) {
	s, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot use the covers folder %q: %w", dir, err)
	}
	return s, nil
}

func open(dir string) (*Store, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it does not exist: create it, or choose another")
	}
	if err != nil {
		return nil, err
	}
	s := &Store{root: root}
	if err := s.tryWrite(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Put writes and syncs a temporary file. Then it renames the file to the key, so that a blob's file is always complete.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	part := rand.Text() + partSuffix
	err := s.write(part, content)
	if err == nil {
		err = s.publish(part, key)
	}
	if err != nil {
		_ = s.root.Remove(part) // if this fails, List deletes the file later
		return translate(err)
	}
	return nil
}

// Open opens the blob's file.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return blob.Object{}, translate(err)
	}
	f, err := s.root.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	if err != nil {
		return blob.Object{}, translate(err)
	}
	info, err := f.Stat()
	if err != nil {
		return blob.Object{}, translate(errors.Join(err, f.Close()))
	}
	return blob.Object{ReadSeekCloser: f, ModTime: info.ModTime()}, nil
}

// Delete deletes the blob's file. It does not sync the folder. If a power failure restores the file, the sweep of
// unused covers deletes it later.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	if err := s.root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return translate(err)
	}
	return nil
}

// Ping writes and deletes a file. It fails if the folder is missing or read-only, or if the disk is full.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	if err := s.tryWrite(); err != nil {
		return translate(err)
	}
	return nil
}

// Close closes the folder. Open blobs stay readable.
func (s *Store) Close() error { return s.root.Close() }
