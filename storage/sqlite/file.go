package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// createFile creates the file, readable by its owner only. SQLite would let every user read the file and the password
// hashes in it. The folder must exist, so that a mistake in its name makes no empty library.
func createFile(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the database folder %s does not exist: create it, or choose another", filepath.Dir(path))
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator chose the path
	if err != nil {
		return fmt.Errorf("cannot open the database: %w", err)
	}
	return f.Close()
}

// ErrInUse is returned by Open while another process has the database open.
var ErrInUse = errors.New("in use by another bookplate")

// lockSuffix ends the name of the lock file.
const lockSuffix = "-lock"

// lockFile locks the database for this process. It locks a separate file, because SQLite's own locks are in the
// database. The lock file is never removed.
func lockFile(path string) (*flock.Flock, error) {
	lock := flock.New(path+lockSuffix, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot lock the database: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("the database %s is %w: stop it, or choose another DATABASE_URL", path, ErrInUse)
	}
	return lock, nil
}
