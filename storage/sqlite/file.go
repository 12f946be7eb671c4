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

// lockSuffix is the end of the lock file's name.
const lockSuffix = "-lock"

// checkInterval is the time between two checks of the database file and its lock file while there are no writes.
const checkInterval = time.Second

// file is a database file and the lock that keeps other processes out. The lock is on a separate file, because SQLite
// puts its own locks on the database file. The program never removes the lock file.
type file struct {
	path   string
	opened os.FileInfo
	lock   *flock.Flock // nil if another process has the lock
	locked os.FileInfo  // the lock file
}

// openFile opens the database file. It creates a missing file in such a way that only its owner can read it. If SQLite
// created the file, every user could read the password hashes in it.
//
// The folder must exist, because otherwise a mistake in its name would create an empty library.
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

// lockFirst locks the database file for this process when the database is opened. If there is data but no lock file,
// somebody may have removed the lock file of a running server. That server would create a new one within checkInterval,
// so lockFirst waits longer than that before it locks the file.
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

// errReplaced is the error of a write after the file was removed or replaced. SQLite itself would go on writing to the
// removed file, and the data would be lost when the file is closed.
var errReplaced = errors.New("the database file was removed or replaced while the server runs, so it rejects all writes: " +
	"put the file back, or stop the server with SIGTERM, which saves its data to a new file and prints its name")

// check returns an error if the path no longer names the file that was opened, or if another process has locked the
// file. If the lock file was removed, check creates and locks a new one. It calls stat twice, which takes little time
// compared with a commit.
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
	_ = old.Close() // the lock file that was removed
	return nil
}

// isFile reports whether path names this file.
func isFile(path string, file os.FileInfo) bool {
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, file)
}

// unlock releases the lock.
func (f *file) unlock() error {
	if f.lock == nil {
		return nil
	}
	return f.lock.Close()
}
