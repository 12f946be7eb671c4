package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// create makes the file and its folder, both for their owner's eyes only: SQLite would let everyone read the hashes.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("the database's folder cannot be made: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator chose the path
	if err != nil {
		return fmt.Errorf("the database cannot be opened: %w", err)
	}
	return f.Close()
}

// ErrInUse is why Open fails while another process has the database.
var ErrInUse = errors.New("another bookplate is using")

// lockSuffix ends the name of the lock file, which stays behind unlocked: SQLite has locks of its own in the database.
const lockSuffix = "-lock"

// lockFile takes the database for this process. The lock is a file of its own, which stays behind unlocked, since
// SQLite has locks of its own in the database.
func lockFile(path string) (*flock.Flock, error) {
	lock := flock.New(path+lockSuffix, flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the database cannot be locked: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("%w %s: stop it, or choose another DATABASE_URL", ErrInUse, path)
	}
	return lock, nil
}

// pragmas are set on every connection.
var pragmas = []string{
	"busy_timeout(5000)", // ms; for another program that looks into the file, such as a backup
	"journal_mode(WAL)",  // readers and the writer do not wait for each other
	"synchronous(FULL)",  // a commit is fsynced before it returns
	"foreign_keys(ON)",   // off by default; a table that declares one gets it
}

// dsn is the data source name of a path, which may have any character in it, with the pragmas and some more.
func dsn(path string, more ...string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("the database cannot be found: %w", err)
	}
	slashed := "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/") // file:/C:/data on Windows
	u := url.URL{Scheme: "file", OmitHost: true, Path: slashed}
	u.RawQuery = url.Values{"_pragma": append(pragmas[:len(pragmas):len(pragmas)], more...)}.Encode()
	return u.String(), nil
}
