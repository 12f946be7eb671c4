// Package models defines users, books, shelves, loans and sessions, their rules, the interfaces of the stores, and the error type
// that all packages use.
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

	// Batch calls do with a context. The calls of the store that do makes with this context see each other's writes, and must
	// follow one after the other.
	//
	// If atomic is true, others see all of these writes or none. If do returns an error, nothing is stored, and the engine
	// may call do again. If atomic is false, an engine may do the same or may store each write at once.
	//
	// Batch returns the error of do, or AtomicUnsupported if the database cannot run an atomic batch. After any other error,
	// either nothing is stored or it is unknown whether something is.
	Batch(ctx context.Context, atomic bool, do func(ctx context.Context) error) error

	// Ping returns nil if the store can be used now. Otherwise the error says why not.
	Ping(ctx context.Context) error
	// CoverMark returns the mark that the names of this library's covers end with. It has 16 hexadecimal digits. No
	// other library has the same mark, and it stays the same as long as the database is kept. CoverMark makes no call
	// to the database. It returns Unavailable if the database was never reached.
	CoverMark() (string, error)
	// Preparing returns how many documents of an old database have been prepared for this version so far. Requests are
	// served meanwhile. It returns 0 when nothing is being prepared.
	Preparing() (documents int64)
	// Name returns the name of the engine for people, "SQLite" or "MongoDB".
	Name() string
	Close() error
}
