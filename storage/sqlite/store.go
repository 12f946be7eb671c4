// Package sqlite stores a library in one SQLite file.
//
// One goroutine does all writes. It commits writes that arrive together in one transaction with one fsync. Reads use
// other connections. The file has a write-ahead log, so that readers and the writer do not wait for each other.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"bookplate/models"
)

// Store is a library in a SQLite file.
type Store struct {
	lookups *reader // for queries of one row by its key
	lists   *reader // for all other queries
	writes  *writer

	coverMark string
	stopIndex func() // waits until the words of books are no longer stored in the background

	mu     sync.RWMutex // every call holds a read lock, so that Close waits for it
	closed bool
}

// Open opens the database file at path. If the file is missing, Open creates it. The folder must exist. The errors are
// for the operator: they name the file and say what to do. If another process has the file open, the error is ErrInUse.
// If the database is an unfinished copy, the error is models.ErrUnfinishedCopy.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := OpenTarget(ctx, path)
	if err != nil {
		return nil, err
	}
	if s.Records().Unfinished() != "" {
		return nil, errors.Join(fmt.Errorf("cannot use the database %s: %w", path, models.ErrUnfinishedCopy), s.Close())
	}
	s.stopIndex = s.startIndexing()
	return s, nil
}

// OpenTarget is like Open, but it also opens an unfinished copy. The words of books are stored when the copy is finished,
// not in the background.
func OpenTarget(ctx context.Context, path string) (*Store, error) {
	return openLocked(ctx, path, (*file).lockFirst)
}

// OpenPrivate is like OpenTarget, but for a file that the caller has just written to a folder of their own. It does not
// look for a server that has the file open.
func OpenPrivate(ctx context.Context, path string) (*Store, error) {
	return openLocked(ctx, path, func(f *file, _ context.Context) error { return f.tryLock() })
}

func openLocked(ctx context.Context, path string, lock func(*file, context.Context) error) (*Store, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if err := lock(f, ctx); err != nil {
		return nil, err
	}
	return connect(ctx, f, migrate)
}

// OpenBeside is like Open, but it can also open a database that another process has open. Its writes wait for the
// writes of that process. The database must already have the current tables, because OpenBeside does not migrate it.
func OpenBeside(ctx context.Context, path string) (*Store, error) {
	s, err := Open(ctx, path)
	if !errors.Is(err, ErrInUse) {
		return s, err
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if s, err = connect(ctx, f, checkVersion); err == nil {
		s.stopIndex = s.startIndexing()
	}
	return s, err
}

// connect opens the connections. It calls prepare, which creates the current tables or checks that they exist.
func connect(
	ctx context.Context, f *file, prepare func(context.Context, *sql.Conn, fs.ReadFileFS) error,
) (_ *Store, err error) {
	s := &Store{stopIndex: func() {}}
	if s.writes, err = openWriter(ctx, f, prepare); err != nil {
		return nil, errors.Join(err, f.unlock())
	}
	if s.lookups, err = openReader(ctx, f.path, lookups); err != nil {
		return nil, errors.Join(err, s.writes.close())
	}
	if s.lists, err = openReader(ctx, f.path, lists); err != nil {
		return nil, errors.Join(err, s.lookups.close(), s.writes.close())
	}
	s.coverMark, err = find(ctx, s, "SELECT cover_mark FROM library", nil, func(mark *string) []any { return []any{mark} })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot use the database %s: %w", f.path, err), s.Close())
	}
	return s, nil
}

// Users returns the accounts.
func (s *Store) Users() models.Users { return users{s} }

// Books returns the books.
func (s *Store) Books() models.Books { return books{s} }

// Trash returns the store of books in the trash.
func (s *Store) Trash() models.Trash { return trash{s} }

// Sessions returns the sessions.
func (s *Store) Sessions() models.Sessions { return sessions{s} }

// OneTimeTokens returns the tokens sent by mail.
func (s *Store) OneTimeTokens() models.OneTimeTokens { return tokens{s} }

// Shelves returns the users' shelves.
func (s *Store) Shelves() models.Shelves { return shelves{s} }

// Readings returns the users' reading records.
func (s *Store) Readings() models.Readings { return readings{s} }

// Loans returns the loans.
func (s *Store) Loans() models.Loans { return loans{s} }

// Throttles returns the tallies of rate limits.
func (s *Store) Throttles() models.Throttles { return throttles{s} }

// Audit returns the audit log.
func (s *Store) Audit() models.Audit { return audit{s} }

// Leases returns the leases.
func (s *Store) Leases() models.Leases { return leases{s} }

// KeyedRequests returns the store of requests with an Idempotency-Key.
func (s *Store) KeyedRequests() models.KeyedRequests { return keyed{s} }

// SourceAnswers returns the store of the metadata sources' answers about ISBNs.
func (s *Store) SourceAnswers() models.SourceAnswers { return sourceAnswers{s} }

// Records returns all that the store has stored.
func (s *Store) Records() models.Records { return records{s} }

// Imports returns the imports of files.
func (s *Store) Imports() models.Imports { return imports{s} }

// Name returns "SQLite".
func (s *Store) Name() string { return "SQLite" }

// Ping returns the error that a write would return, for example because the disk is full. The error's Detail says where
// to look.
func (s *Store) Ping(ctx context.Context) error {
	err := s.write(ctx, func(*statements) error { return s.writes.reserve.probe() })
	if e, ok := errors.AsType[*models.Error](err); ok && e.Code == models.Unavailable {
		detailed := *e
		detailed.Detail = "SQLite cannot write; the log has the reason"
		return &detailed
	}
	return err
}

// CoverMark returns the library's random mark. The names of its covers contain the mark.
func (s *Store) CoverMark() (string, error) { return s.coverMark, nil }

// Preparing returns 0, because a database is migrated before it is used.
func (s *Store) Preparing() (documents int64) { return 0 }

// Close waits for the running calls, checkpoints the write-ahead log, and unlocks the database file. Later calls return
// Unavailable. Closing a closed store does nothing.
//
// If the file was removed or replaced, Close saves the data to a new file in the same folder. It then returns an error
// that names the old and the new file.
func (s *Store) Close() error {
	s.stopIndex()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	// The connections for reading are closed first, because a checkpoint cannot finish while one of them uses the log.
	return errors.Join(s.lists.close(), s.lookups.close(), s.writes.close())
}

// find reads one row by its key. If there is no such row, it returns NotFound. A running query ignores the context,
// because watching the context needs two goroutines for each query and makes the query take 1.5 times as long.
func find[T any](ctx context.Context, s *Store, query string, args []any, fields func(*T) []any) (row T, err error) {
	err = s.call(ctx, func() (err error) {
		row, err = one(connection(ctx, s.lookups), query, args, fields)
		return err
	})
	return row, err
}

// findAll reads all rows of a query. It may have to wait until other lists have been read.
func findAll[T any](
	ctx context.Context, s *Store, query string, args []any, fields func(*T) []any,
) (rows []T, err error) {
	err = s.call(ctx, func() (err error) {
		rows, err = all(connection(ctx, s.lists), query, args, fields)
		return err
	})
	return rows, err
}

// write runs do in the writer's transaction, and returns when the transaction is durable. A write that is running
// ignores the context, so that the caller always knows whether it was committed.
func (s *Store) write(ctx context.Context, do func(*statements) error) error {
	return s.run(&job{ctx: ctx, do: do})
}

// writeAll is like n calls of write with 0 to n-1, which share transactions. It returns the error of each. They are jobs of their
// own and not one job, so that a write that fails undoes nothing of the others.
func (s *Store) writeAll(ctx context.Context, n int, do func(q *statements, i int) error) []error {
	jobs, errs := make([]*job, n), make([]error, n)
	for i := range jobs {
		jobs[i] = &job{ctx: ctx, do: func(q *statements) error { return do(q, i) }}
	}
	if transactionOf(ctx) != nil {
		for i, j := range jobs {
			errs[i] = s.run(j)
		}
		return errs
	}
	err := s.call(ctx, func() error {
		for _, j := range jobs {
			s.writes.add(j)
		}
		for i, j := range jobs {
			<-j.done
			errs[i] = translate(j.err)
		}
		return nil
	})
	if err != nil {
		return []error{err}
	}
	return errs
}

// remove is like write. If the disk is full, the writer frees some room and runs do again, so do should delete
// something.
func (s *Store) remove(ctx context.Context, do func(*statements) error) error {
	return s.run(&job{ctx: ctx, do: do, deletes: true})
}

func (s *Store) run(j *job) error {
	return s.call(j.ctx, func() error {
		if t := transactionOf(j.ctx); t != nil {
			return t.run(j)
		}
		return s.writes.do(j)
	})
}

// call runs do unless the store is closed or the context has ended. It returns the error as a *models.Error.
func (s *Store) call(ctx context.Context, do func() error) error {
	if t := transactionOf(ctx); t != nil {
		return translate(t.call(do)) // the call of Batch holds the read lock
	}
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
