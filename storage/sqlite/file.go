package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"bookplate/models"
)

// ErrInUse is returned by Open while another process has the database open.
var ErrInUse = errors.New("in use by another bookplate")

// lockSuffix ends the name of the lock file.
const lockSuffix = "-lock"

// checkInterval is how often the file is checked without a write.
const checkInterval = time.Second

// file is a database file and the lock that keeps other processes out. The lock is on a separate file, because SQLite's
// own locks are in the database. The program never removes the lock file.
type file struct {
	path   string
	opened os.FileInfo
	lock   *flock.Flock // nil if another process has the lock
	locked os.FileInfo  // the lock file
}

// openFile opens the file, and creates it if it is missing, readable by its owner only. SQLite would let every user read
// the file and the password hashes in it. The folder must exist, so that a mistake in its name makes no empty library.
func openFile(path string) (*file, error) {
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the database folder %s does not exist: create it, or choose another", filepath.Dir(path))
	}
	opened, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator chose the path
	if err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	info, err := opened.Stat()
	if err := errors.Join(err, opened.Close()); err != nil {
		return nil, fmt.Errorf("cannot open the database: %w", err)
	}
	return &file{path: path, opened: info}, nil
}

// lockFirst locks the file for this process. If there is data but no lock file, somebody may have removed the lock file
// of a running server. That server replaces it within checkInterval, so lockFirst waits for longer than that.
func (f *file) lockFirst(ctx context.Context) error {
	_, err := os.Stat(f.path + lockSuffix)
	if errors.Is(err, fs.ErrNotExist) && f.opened.Size() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * checkInterval):
		}
	}
	return f.tryLock()
}

// tryLock locks the lock file, and creates it if it is missing.
func (f *file) tryLock() error {
	lock := flock.New(f.path+lockSuffix, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("cannot lock the database: %w", err)
	}
	if !locked {
		return fmt.Errorf("the database %s is %w: stop it, or choose another DATABASE_URL", f.path, ErrInUse)
	}
	info, err := lock.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("cannot lock the database: %w", err), lock.Close())
	}
	f.lock, f.locked = lock, info
	return nil
}

// errReplaced is returned for a write after the file was removed or replaced. SQLite would go on writing to a file that
// has no name and disappears when it is closed.
var errReplaced = errors.New("the database file was removed or replaced while the server runs, so it rejects all writes: " +
	"put the file back, or stop the server with SIGTERM, which saves its data to a new file and prints its name")

// check returns an error if the path no longer names the file that was opened, or if another process has locked it. If
// the lock file was removed, check creates and locks a new one. It calls stat twice, which is cheap beside a commit.
func (f *file) check() error {
	if !isFile(f.path, f.opened) {
		return &models.Error{Code: models.Unavailable, Err: fmt.Errorf("%s: %w", f.path, errReplaced)}
	}
	if f.lock == nil || isFile(f.path+lockSuffix, f.locked) {
		return nil
	}
	old := f.lock
	if err := f.tryLock(); err != nil {
		return &models.Error{Code: models.Unavailable, Err: err}
	}
	_ = old.Close() // a removed file
	return nil
}

// isFile reports whether a path names a file.
func isFile(path string, file os.FileInfo) bool {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, file)
}

// unlock ends the lock.
func (f *file) unlock() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}
