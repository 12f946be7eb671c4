package models

import (
	"context"
	"iter"
)

// Collection names a part of a store. All records of a collection have the same type.
type Collection string

// The collections. The comments name the types of their records.
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

// Collections lists all collections. Leases are not among them, because copies and backups must not have them.
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

// GoalRecord is a user's goal for a year.
// GoalRecord is a user's goal for a year.
type GoalRecord struct {
	UserID ID
	Year   int
	Books  Goal
}

// TallyRecord is the tally of a key.
// TallyRecord is the tally of a key.
type TallyRecord struct {
	Key string
	Tally
}

// Records reads and writes all records of a store, for copies and backups.
type Records interface {
	// Count returns the number of records of a collection.
	Count(ctx context.Context, c Collection) (int64, error)
	// All returns the records of a collection in the order of their keys, each of the collection's type. If reading
	// fails, All yields nil with the error and ends. If a record is stored or changed during the iteration, All may
	// return its old or its new state, or omit it.
	All(ctx context.Context, c Collection) iter.Seq2[any, error]
	// Add stores records of a collection unchanged. It skips records whose key is stored already, so a failed call can
	// be repeated. Databases of the tutorial may have users with the same e-mail address or user name, and books of one
	// owner with the same title and edition. A look-up by these values finds only the first.
	Add(ctx context.Context, c Collection, records []any) error

	// Unfinished returns the mark of the library that this store is an unfinished copy of, or an empty string. Only a
	// store that was opened as a target can be an unfinished copy.
	Unfinished() (mark string)
	// Begin makes the store an unfinished copy of the library with that mark. A server refuses to use the store until
	// Finish.
	Begin(ctx context.Context, mark string) error
	// Finish makes the store a finished copy. It gets the mark of the copied library.
	Finish(ctx context.Context) error
}

// Snapshotter is a store that can write a consistent copy of itself to a SQLite file while it is in use.
type Snapshotter interface {
	// Snapshot writes the copy to a new file and checks it. Only the current user of the operating system can read the
	// file.
	Snapshot(ctx context.Context, path string) error
}
