package models

import (
	"context"
	"iter"
)

// Collection names a part of a store whose records have the same type.
type Collection string

// The collections, with the types of their records.
const (
	UserRecords         Collection = "users"           // User
	BookRecords         Collection = "books"           // Book
	TrashRecords        Collection = "trash"           // Book
	ShelfRecords        Collection = "shelf_books"     // ShelfRecord
	ReadingRecords      Collection = "readings"        // Reading
	GoalRecords         Collection = "reading_goals"   // GoalRecord
	LoanRecords         Collection = "loans"           // Loan
	SessionRecords      Collection = "sessions"        // Session
	TokenRecords        Collection = "one_time_tokens" // OneTimeToken
	KeyedRecords        Collection = "keyed_requests"  // KeyedRequest
	TallyRecords        Collection = "throttles"       // TallyRecord
	AuditRecords        Collection = "audit"           // AuditEntry
	SourceAnswerRecords Collection = "source_answers"  // SourceAnswer
	ImportRecords       Collection = "imports"         // Import
	ImportBatchRecords  Collection = "import_batches"  // ImportBatch
)

// Collections lists all collections. Leases are not among them, because they belong to running servers.
var Collections = []Collection{
	UserRecords, BookRecords, TrashRecords, ShelfRecords, ReadingRecords, GoalRecords, LoanRecords, SessionRecords, TokenRecords,
	KeyedRecords, TallyRecords, AuditRecords, SourceAnswerRecords, ImportRecords, ImportBatchRecords,
}

// ShelfRecord is the place of a book on a shelf.
type ShelfRecord struct {
	UserID ID
	Shelf  string
	BookID ID
	Place  Place
}

// GoalRecord is the number of books that a user wants to read in a year.
type GoalRecord struct {
	UserID ID
	Year   int
	Books  Goal
}

// TallyRecord is the tally of a key.
type TallyRecord struct {
	Key string
	Tally
}

// Records reads and writes all that a store has stored, for copies and backups.
type Records interface {
	// Count returns the number of records of a collection.
	Count(ctx context.Context, c Collection) (int64, error)
	// All returns the records of a collection in the order of their keys. Each has the type that the collection's constant
	// names. If reading fails, All yields nil with the error and ends. A record that is stored or changed meanwhile may be
	// returned as it was before or after, or not at all.
	All(ctx context.Context, c Collection) iter.Seq2[any, error]
	// Add stores records of a collection unchanged. It skips those whose key is stored already, so that a failed call can
	// be repeated. Of users with the same e-mail address or user name, and of an owner's books with the same title and
	// edition, only the first is found by them. Only databases of the tutorial have such duplicates.
	Add(ctx context.Context, c Collection, records []any) error

	// Unfinished returns the mark of the library that this store is an unfinished copy of, or an empty string. Only a
	// store that was opened as a target can be an unfinished copy.
	Unfinished() (mark string)
	// Begin makes the store an unfinished copy of the library with that mark. A server does not serve it until Finish.
	Begin(ctx context.Context, mark string) error
	// Finish gives the store the mark of the library that it is a copy of.
	Finish(ctx context.Context) error
}

// Snapshotter is a store that can write a consistent copy of itself to a SQLite file while it is used.
type Snapshotter interface {
	// Snapshot writes the copy to a new file, which only the user of the system can read, and checks it.
	Snapshot(ctx context.Context, path string) error
}
