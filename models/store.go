// Package models defines users, books, shelves, loans and sessions, their rules, the interfaces of the stores, and the
// error type that all packages use.
package models

import "context"

// Store is the database of a library. It stores everything except the pictures of covers. Both engines keep these
// promises, and package storagetest checks them:
//   - A write that has returned is durable: fsynced, or acknowledged by a majority.
//   - The database enforces uniqueness, so it holds under races and between copies of the server.
//   - Errors are of type *Error. Each method can return Unavailable (the database is out of reach, or the context ended
//     first), InsufficientStorage and Internal. The comments on the methods name the other codes. A driver's error is
//     only the cause.
//   - Times are returned in UTC with milliseconds. The caller provides IDs and times.
type Store interface {
	Users() Users
	Books() Books
	Trash() Trash
	Sessions() Sessions
	Shelves() Shelves
	Readings() Readings
	Loans() Loans
	Throttles() Throttles
	Audit() Audit
	OneTimeTokens() OneTimeTokens
	Leases() Leases
	KeyedRequests() KeyedRequests
	SourceAnswers() SourceAnswers
	Records() Records
	Imports() Imports

	// Batch calls do with a context. With this context, do calls methods of the store, one after the other. They see
	// each other's writes.
	//
	// If atomic is true, other callers see all of these writes or none. If do returns an error, nothing is stored, and
	// the engine may call do again. If atomic is false, an engine may do the same or may store each write at once.
	//
	// Batch returns the error of do, or AtomicUnsupported if the database cannot run an atomic batch. After any other
	// error, it may be unknown whether the writes are stored.
	Batch(ctx context.Context, atomic bool, do func(ctx context.Context) error) error

	// Ping returns an error if the store cannot be used now.
	Ping(ctx context.Context) error
	// CoverMark returns the mark at the end of the names of this library's covers. It has 16 hexadecimal digits, is
	// unique to the library, and never changes. CoverMark makes no call to the database. It returns Unavailable if the
	// database was never reached.
	CoverMark() (string, error)
	// Preparing returns how many documents of an old database have been converted for this version so far. The store
	// serves requests meanwhile. It returns 0 if no conversion is running.
	Preparing() (documents int64)
	// Name returns the name of the engine for people, "SQLite" or "MongoDB".
	Name() string
	Close() error
}
