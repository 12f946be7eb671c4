package disk

import (
	"crypto/rand"
	"errors"
	"os"
	"time"

	"bookplate/models"
)

// retryAfter is how long a client should wait after a disk error. It is long enough for an operator's script to remount
// the disk, and short enough for a person to wait.
const retryAfter = 10 * time.Second

// write creates a file and syncs it.
func (s *Store) write(name string, content []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// publish renames a written file to its key. The rename is durable once the folder is synced. If the sync fails,
// publish deletes the file, because Put then returns an error.
func (s *Store) publish(part, key string) error {
	if err := s.root.Rename(part, key); err != nil {
		return err
	}
	if err := syncFolder(s.root); err != nil {
		return errors.Join(err, s.root.Remove(key))
	}
	return nil
}

// probeSize is the size of the file that tryWrite writes, in bytes. It is one block of most file systems. An empty file
// is no test, because a full disk may still have room for a file name.
const probeSize = 4096

// tryWrite writes a file and deletes it.
func (s *Store) tryWrite() error {
	name := rand.Text() + partSuffix
	f, err := s.root.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	return errors.Join(err, f.Close(), s.root.Remove(name))
}

// translate wraps an error of the operating system or of a context in a *models.Error. Callers have already checked for
// a missing blob. So an error that says that a file does not exist means here that the folder is missing, and translate
// does not return NotFound.
func translate(err error) error {
	if models.IsDiskFull(err) {
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	}
	return &models.Error{Code: models.Unavailable, RetryAfter: retryAfter, Err: err}
}
