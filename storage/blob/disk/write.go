package disk

import (
	"crypto/rand"
	"errors"
	"os"
	"time"

	"bookplate/models"
)

// retryAfter is what a client is told to wait when the disk fails: long enough for an operator's script or a remount,
// short enough for a person who tries again.
const retryAfter = 10 * time.Second

// write makes a new file and syncs it.
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

// publish gives a written file its key. The rename itself is durable only once the folder is synced; if that fails, the
// blob goes again, because the caller will be told that it is not there.
func (s *Store) publish(part, key string) error {
	if err := s.root.Rename(part, key); err != nil {
		return err
	}
	if err := syncFolder(s.root); err != nil {
		return errors.Join(err, s.root.Remove(key))
	}
	return nil
}

func (s *Store) tryWrite() error {
	name := rand.Text() + partSuffix
	f, err := s.root.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), s.root.Remove(name))
}

// failure translates an error of the operating system, or of a context that ended.
func failure(err error) error {
	if models.IsDiskFull(err) {
		return &models.Error{Code: models.InsufficientStorage, Err: err}
	}
	return &models.Error{Code: models.Unavailable, RetryAfter: retryAfter, Err: err}
}
