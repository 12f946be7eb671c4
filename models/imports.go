package models

import (
	"context"
	"slices"
	"time"
)

// Import is a job that adds the books of a file to an account. Its lines are stored in batches, which are imported in
// order.
type Import struct {
	ID       ID
	UserID   ID
	FileName string // the name that the client sent, for people
	Format   string // the program that made the file
	ImportOptions
	Columns []ImportColumn // the columns of the file, in order

	State      ImportState
	Reason     string // why the import failed
	Total      int    // the number of lines in the file
	Batches    int    // the number of batches
	NextBatch  int    // the number of the first batch that is not imported yet
	Outcomes   ImportCounts
	CreatedAt  time.Time
	StartedAt  time.Time // zero until the first batch is imported
	FinishedAt time.Time // zero until the report has all lines; set shortly after the import ends, is cancelled or fails
}

// ImportOptions are the options that a client chooses for an import.
type ImportOptions struct {
	OnDuplicate OnDuplicate
	LookUp      bool // whether missing fields are looked up by ISBN
	Covers      bool // whether covers are looked up by ISBN
}

// OnDuplicate says how to import a line whose book is in the library already.
type OnDuplicate string

// The values of OnDuplicate.
// The values of OnDuplicate.
const (
	DuplicateSkip   OnDuplicate = "skip"
	DuplicateUpdate OnDuplicate = "update"
	DuplicateAdd    OnDuplicate = "add"
)

// OnDuplicates are all values of OnDuplicate.
var OnDuplicates = []OnDuplicate{DuplicateSkip, DuplicateUpdate, DuplicateAdd}

// ImportColumn is a column of a file and the field that gets its values. The field is empty if the column is ignored.
type ImportColumn struct {
	Name  string `json:"name"`
	Field string `json:"field"`
}

// ImportState is the state of an import.
type ImportState string

// Clients do not see an import in ImportReceiving, because its file is not complete.
const (
	ImportReceiving ImportState = "receiving"
	ImportQueued    ImportState = "queued"
	ImportRunning   ImportState = "running"
	ImportDone      ImportState = "done"
	ImportFailed    ImportState = "failed"
	ImportCancelled ImportState = "cancelled"
)

// Finished reports whether the import has ended and its report is complete.
func (i Import) Finished() bool { return !i.FinishedAt.IsZero() }

// Done returns the number of lines in the report.
func (i Import) Done() int {
	c := i.Outcomes
	return c.Created + c.Updated + c.Skipped + c.Failed
}

// ImportCounts counts lines by their outcome.
type ImportCounts struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
}

// Add counts the rows by their outcome.
func (c *ImportCounts) Add(rows ...ImportRow) {
	for _, row := range rows {
		switch row.Outcome {
		case RowCreated:
			c.Created++
		case RowUpdated:
			c.Updated++
		case RowSkipped:
			c.Skipped++
		case RowFailed:
			c.Failed++
		}
	}
}

// ImportOutcome is the result of importing a line.
type ImportOutcome string

// The outcomes.
// The outcomes.
const (
	RowCreated ImportOutcome = "created"
	RowUpdated ImportOutcome = "updated"
	RowSkipped ImportOutcome = "skipped"
	RowFailed  ImportOutcome = "failed"
)

// ImportOutcomes are all values of ImportOutcome.
var ImportOutcomes = []ImportOutcome{RowCreated, RowUpdated, RowSkipped, RowFailed}

// ImportLine is a line of a file. Every attempt to import it creates the book with the same id, so a repeated attempt
// after a crash creates no second book.
type ImportLine struct {
	Number int      `json:"n"` // the line number, from 1; if a cell has line breaks, the number of the first of its lines
	BookID ID       `json:"b"`
	LoanID ID       `json:"l"`
	Cells  []string `json:"c"`
}

// ImportRow is a line of the report.
type ImportRow struct {
	Line    int           `json:"line"`
	Outcome ImportOutcome `json:"outcome"`
	Reason  string        `json:"reason"` // the reason for the outcome, or the omitted values; may be empty
	BookID  ID            `json:"book_id"`
	Title   string        `json:"title"`
}

// ImportBatch is a number of lines that are imported together. When they are imported, Rows replaces Lines.
type ImportBatch struct {
	ImportID ID
	Number   int // from 0
	Lines    []ImportLine
	Rows     []ImportRow
}

// WithOutcome returns the rows with that outcome, or all rows if outcome is empty.
func (b ImportBatch) WithOutcome(outcome ImportOutcome) []ImportRow {
	return slices.DeleteFunc(slices.Clone(b.Rows), func(row ImportRow) bool { return outcome != "" && row.Outcome != outcome })
}

// ImportFilter selects a page of imports. It excludes imports whose file is being received.
type ImportFilter struct {
	UserID ID  // selects the imports of this account, latest first; empty for the unfinished imports of all accounts, oldest first
	After  ID  // only imports after this one in the list; empty for the first page
	Limit  int // the size of the page, at least 1
}

// Imports stores imports and their lines.
type Imports interface {
	// Create stores a new import. It returns ErrNoAccount if the user has no account, and Conflict if another import
	// has the same id.
	Create(ctx context.Context, i Import) error
	// Get returns an import. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (Import, error)
	// List returns a page of imports.
	List(ctx context.Context, f ImportFilter) ([]Import, error)
	// Update stores after in place of before. It returns Conflict if State or NextBatch has changed since before was
	// read, and NotFound if there is no such import.
	Update(ctx context.Context, before, after Import) error
	// PutBatch stores a batch, or replaces it. It returns NotFound if there is no such import.
	PutBatch(ctx context.Context, b ImportBatch) error
	// Batch returns a batch of an import. It returns NotFound if there is none.
	Batch(ctx context.Context, importID ID, number int) (ImportBatch, error)
	// DeleteAll deletes the imports of a user and their batches.
	DeleteAll(ctx context.Context, userID ID) error
	// DeleteOld deletes imports that finished before the time finished. It also deletes imports that began before the
	// time received and whose file is not complete. It returns the number of deleted imports.
	DeleteOld(ctx context.Context, finished, received time.Time) (int64, error)
}
