// Package sqlite stores a library in one SQLite file.
//
// One goroutine does all writes, and commits those that arrive together in one transaction with one fsync. Reads use
// other connections. The file has a write-ahead log, so that readers and the writer do not wait for each other.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"sync"

	"github.com/gofrs/flock"

	"bookplate/models"
)

// Store is a library in a SQLite file.
type Store struct {
	lock    *flock.Flock
	lookups *reader // for queries of one row by its key
	lists   *reader // for all other queries
	writes  *writer

	mu     sync.RWMutex // every call holds a read lock, so that Close waits for it
	closed bool
}

// Open opens the database file at path. It creates the file and its folder if they are missing. The errors are for the
// operator: they name the file and say what to do. One of them is ErrInUse, because only one process can open a file.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := createFile(path); err != nil {
		return nil, err
	}
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	return connect(ctx, path, lock, migrate)
}

// OpenBeside is like Open, but also opens a database that another process has open. Writes wait for the other's. The
// tables must be those of this program.
func OpenBeside(ctx context.Context, path string) (*Store, error) {
	s, err := Open(ctx, path)
	if errors.Is(err, ErrInUse) {
		return connect(ctx, path, flock.New(path+lockSuffix), checkVersion)
	}
	return s, err
}

// connect opens the connections. prepare makes sure that the tables are those of this program.
func connect(
	ctx context.Context, path string, lock *flock.Flock, prepare func(context.Context, *sql.Conn, fs.ReadFileFS) error,
) (_ *Store, err error) {
	s := &Store{lock: lock}
	if s.writes, err = openWriter(ctx, path, prepare); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	if s.lookups, err = openReader(path, lookups); err != nil {
		return nil, errors.Join(err, s.writes.close(), lock.Unlock())
	}
	if s.lists, err = openReader(path, lists); err != nil {
		return nil, errors.Join(err, s.lookups.close(), s.writes.close(), lock.Unlock())
	}
	return s, nil
}

// Users returns the accounts.
func (s *Store) Users() models.Users { return users{s} }

// Books returns the books.
func (s *Store) Books() models.Books { return books{s} }

// Sessions returns the sessions.
func (s *Store) Sessions() models.Sessions { return sessions{s} }

// OneTimeTokens returns the tokens sent by mail.
func (s *Store) OneTimeTokens() models.OneTimeTokens { return tokens{s} }

// Shelves returns the users' shelves.
func (s *Store) Shelves() models.Shelves { return shelves{s} }

// Throttles returns the tallies of rate limits.
func (s *Store) Throttles() models.Throttles { return throttles{s} }

// Audit returns the audit log.
func (s *Store) Audit() models.Audit { return audit{s} }

// Leases returns the leases.
func (s *Store) Leases() models.Leases { return leases{s} }

// Name returns "SQLite".
func (s *Store) Name() string { return "SQLite" }

// Ping reads the file's header.
func (s *Store) Ping(ctx context.Context) error {
	_, err := find(ctx, s, "PRAGMA user_version", nil, intField)
	return err
}

// Close waits for the running calls, moves the write-ahead log into the file, and unlocks the file. Later calls return
// Unavailable. Closing a closed store does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	// Readers first: a checkpoint cannot finish while a reader uses the log.
	return errors.Join(s.lists.close(), s.lookups.close(), s.writes.close(), s.lock.Unlock())
}

// find reads one row by its key. It returns NotFound if there is none. A running query ignores the context: watching it
// takes two goroutines for each query, which makes the query half as long again.
func find[T any](ctx context.Context, s *Store, query string, args []any, fields func(*T) []any) (row T, err error) {
	err = s.call(ctx, func() (err error) {
		row, err = one(s.lookups.statements, query, args, fields)
		return err
	})
	return row, err
}

// findAll reads all rows of a query. It may wait for other lists.
func findAll[T any](
	ctx context.Context, s *Store, query string, args []any, fields func(*T) []any,
) (rows []T, err error) {
	err = s.call(ctx, func() (err error) {
		rows, err = all(s.lists.statements, query, args, fields)
		return err
	})
	return rows, err
}

// write runs do in the writer's transaction, and returns when the transaction is durable. A running write ignores the
// context, so that the caller always knows whether it was committed.
func (s *Store) write(ctx context.Context, do func(*statements) error) error {
	return s.call(ctx, func() error { return s.writes.do(ctx, do) })
}

// call runs do unless the store is closed or the context has ended. It returns the error as a *models.Error.
func (s *Store) call(ctx context.Context, do func() error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	return translate(do())
}
