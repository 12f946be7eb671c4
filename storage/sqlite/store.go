// Package sqlite keeps a library in one SQLite file: nothing to install, nothing to configure.
//
// Writes go through one goroutine, which lets those that arrive together share a transaction and its fsync. Reads go to
// a few connections beside it, which the write-ahead log keeps from waiting for it.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gofrs/flock"

	"bookplate/models"
)

// Store is a library in a SQLite file.
type Store struct {
	lock   *flock.Flock
	reads  *reader
	writes *writer

	coverMark string

	mu     sync.RWMutex // held for reading by every call, so that Close waits for those that run
	closed bool
}

// Open opens the database file at path, and makes it and its folder when they are not there yet. Only one process can
// have it open. The errors are for whoever starts the server: they name the file and say what to do.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock}
	if s.writes, err = openWriter(ctx, path); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	if s.reads, err = openReader(path); err != nil {
		return nil, errors.Join(err, s.writes.close(), lock.Unlock())
	}
	s.coverMark, err = find(ctx, s, "SELECT cover_mark FROM library", nil, func(mark *string) []any { return []any{mark} })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the database %s cannot be used: %w", path, err), s.Close())
	}
	return s, nil
}

// Users returns the accounts.
func (s *Store) Users() models.Users { return users{s} }

// Books returns the books.
func (s *Store) Books() models.Books { return books{s} }

// Sessions returns the log-ins.
func (s *Store) Sessions() models.Sessions { return sessions{s} }

// OneTimeTokens returns the tokens that were sent by mail.
func (s *Store) OneTimeTokens() models.OneTimeTokens { return tokens{s} }

// Shelves returns which books are on whose shelves.
func (s *Store) Shelves() models.Shelves { return shelves{s} }

// Throttles returns the tallies of what is limited.
func (s *Store) Throttles() models.Throttles { return throttles{s} }

// Audit returns the audit log.
func (s *Store) Audit() models.Audit { return audit{s} }

// Leases returns the leases.
func (s *Store) Leases() models.Leases { return leases{s} }

// Name is "SQLite".
func (s *Store) Name() string { return "SQLite" }

// Ping reads the file's header.
func (s *Store) Ping(ctx context.Context) error {
	_, err := find(ctx, s, "PRAGMA user_version", nil, number)
	return err
}

// CoverMark returns the library's.
func (s *Store) CoverMark() (string, error) { return s.coverMark, nil }

// Preparing returns 0: a file is migrated before it is used.
func (s *Store) Preparing() (documents int64) { return 0 }

// Close waits for the calls that run, brings the write-ahead log into the file, and lets the next process have it.
// Calls that come later are refused as Unavailable; closing again does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	// Readers first: a checkpoint cannot finish while one of them looks at the log.
	return errors.Join(s.reads.close(), s.writes.close(), s.lock.Unlock())
}

// find reads one row on one of the reading connections. NotFound. Once a query has begun it goes on to its end: to
// watch the context costs two goroutines a query, half as much again as the query.
func find[T any](ctx context.Context, s *Store, query string, args []any, fields func(*T) []any) (row T, err error) {
	err = s.call(ctx, func() (err error) {
		row, err = one(s.reads.statements, query, args, fields)
		return err
	})
	return row, err
}

// findAll reads all rows of a query on one of the reading connections.
func findAll[T any](
	ctx context.Context, s *Store, query string, args []any, fields func(*T) []any,
) (rows []T, err error) {
	err = s.call(ctx, func() (err error) {
		rows, err = all(s.reads.statements, query, args, fields)
		return err
	})
	return rows, err
}

// write runs do in the writer's transaction, and returns when that is durable. A write that has begun goes on to its
// end, whatever becomes of the context, so that the caller always knows whether it took place.
func (s *Store) write(ctx context.Context, do func(*statements) error) error {
	return s.call(ctx, func() error { return s.writes.do(ctx, do) })
}

// call makes a call unless it comes too late, and turns its error into one of the models'.
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
