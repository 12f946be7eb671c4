// Package models defines users, books, shelves, loans and sessions, their rules, the interfaces of the stores, and the error type
// that all packages use.
package models

import "context"

// Store is a database with everything that a library stores but the pictures of covers. Both engines keep these promises,
// which package storagetest checks:
//
//   - A write that has returned is durable: fsynced, or acknowledged by a majority.
//   - The database enforces uniqueness, so it holds under races and between copies of the server.
//   - Errors are of type *Error. Each method can return Unavailable (the database is out of reach, or the context ended
//     first), InsufficientStorage and Internal. The methods below name the others. A driver's error is only the cause.
//   - Times are returned in UTC with milliseconds. The caller provides IDs and times.
type Store interface {
	Users() Users
	Books() Books
	Sessions() Sessions
	Shelves() Shelves
	Readings() Readings
	Loans() Loans
	Throttles() Throttles
	Audit() Audit
	OneTimeTokens() OneTimeTokens
	Leases() Leases

	// Ping returns an error that says why the store cannot be used now, or nil.
	Ping(ctx context.Context) error
	// CoverMark returns what the names of this library's covers end with: 16 hexadecimal digits that no other library has,
	// the same as long as the database is kept. It makes no call to the database. Unavailable if the database was never
	// reached.
	CoverMark() (string, error)
	// Preparing returns how many documents of an old database have been prepared so far, while requests are served. It
	// returns 0 when nothing is being prepared.
	Preparing() (documents int64)
	// Name returns the name of the engine for people, "SQLite" or "MongoDB".
	Name() string
	Close() error
}
