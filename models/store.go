// Package models is what a library is about: users, books, shelves, sessions and limits, their rules, the interfaces of
// the stores that keep them, and the one type of error.
package models

import "context"

// Store is one database with everything a library keeps in it. Both engines keep these promises, and package
// storagetest holds them to it:
//
//   - A write that has returned is durable: fsynced, or acknowledged by a majority.
//   - Uniqueness is the database's own, so it holds under races and between copies of the server.
//   - Errors are *Error: NotFound, Conflict, Unavailable (out of reach, or the context ended first), InsufficientStorage,
//     and Internal for the rest. A driver's error is only ever the cause.
//   - Times come back in UTC with milliseconds. IDs and times are made by the caller.
type Store interface {
	Users() Users
	Books() Books
	Sessions() Sessions
	Shelves() Shelves
	Throttles() Throttles
	Audit() Audit
	OneTimeTokens() OneTimeTokens
	Leases() Leases

	// Ping reports why the store cannot be used right now, if it cannot.
	Ping(ctx context.Context) error
	// CoverMark returns what the names of this library's covers end with: 16 hexadecimal digits that no other library has,
	// the same as long as the database is kept. It makes no call to the database. Unavailable if that was never in reach.
	CoverMark() (string, error)
	// Preparing returns how many documents of an old database have been prepared so far, beside the requests. It returns 0
	// when nothing is being prepared.
	Preparing() (documents int64)
	// Name is the engine's, for people: "SQLite" or "MongoDB".
	Name() string
	Close() error
}
