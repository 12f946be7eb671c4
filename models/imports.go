package models

import (
	"context"
	"slices"
	"time"
)

// Import is a job that adds the books of a file to an account. Its lines are stored in batches, which are imported one
// after another.
type Import struct {
	ID       ID
	UserID   ID
	FileName string // as the client sent it; for people
	Format   string // the program that the file comes from
	ImportOptions
	Columns []ImportColumn // of the file, in their order

	State      ImportState
	Reason     string // why it failed
	Total      int    // the lines of the file
	Batches    int    // the number of batches
	NextBatch  int    // the number of the first batch that is not imported
	Outcomes   ImportCounts
	CreatedAt  time.Time
	StartedAt  time.Time // zero until the first batch
	FinishedAt time.Time // zero until all lines are in the report, which is soon after the import was cancelled or failed
}

// ImportOptions are what a client chooses for an import.
type ImportOptions struct {
	OnDuplicate OnDuplicate
	LookUp      bool // whether the sources of ISBN look-up give missing fields
	Covers      bool // whether the sources of ISBN look-up give the covers
}

// OnDuplicate is what happens with a line whose book is in the library.
type OnDuplicate string

// The ways.
const (
	DuplicateSkip   OnDuplicate = "skip"
	DuplicateUpdate OnDuplicate = "update"
	DuplicateAdd    OnDuplicate = "add"
)

// OnDuplicates are all of them.
var OnDuplicates = []OnDuplicate{DuplicateSkip, DuplicateUpdate, DuplicateAdd}

// ImportColumn is a column of a file and the field that it is read into. The field is empty if the column is left out.
type ImportColumn struct {
	Name  string `json:"name"`
	Field string `json:"field"`
}

// ImportState is the state of an import.
type ImportState string

// The states. A client does not see an import whose file is being received.
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

// Done returns the number of lines that are in the report.
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

// Add counts rows.
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

// ImportOutcome is what an import has done with a line.
type ImportOutcome string

// The outcomes.
const (
	RowCreated ImportOutcome = "created"
	RowUpdated ImportOutcome = "updated"
	RowSkipped ImportOutcome = "skipped"
	RowFailed  ImportOutcome = "failed"
)

// ImportOutcomes are all of them.
var ImportOutcomes = []ImportOutcome{RowCreated, RowUpdated, RowSkipped, RowFailed}

// ImportLine is a line of a file. All attempts to import it create the book with the same id, so a line that is imported
// again after a crash creates no second one.
type ImportLine struct {
	Number int      `json:"n"` // in the file, from 1; a line with line breaks in its cells has the number of its first one
	BookID ID       `json:"b"`
	LoanID ID       `json:"l"`
	Cells  []string `json:"c"`
}

// ImportRow is a line of the report.
type ImportRow struct {
	Line    int           `json:"line"`
	Outcome ImportOutcome `json:"outcome"`
	Reason  string        `json:"reason"` // why, or what was left out; may be empty
	BookID  ID            `json:"book_id"`
	Title   string        `json:"title"`
}

// ImportBatch is a number of lines that are imported together. Once that is done, it has their rows instead.
type ImportBatch struct {
	ImportID ID
	Number   int // from 0
	Lines    []ImportLine
	Rows     []ImportRow
}

// WithOutcome returns the rows of a batch with an outcome; with an empty outcome all of them.
func (b ImportBatch) WithOutcome(outcome ImportOutcome) []ImportRow {
	return slices.DeleteFunc(slices.Clone(b.Rows), func(row ImportRow) bool { return outcome != "" && row.Outcome != outcome })
}

// ImportFilter selects a page of imports, without those that are being received.
type ImportFilter struct {
	UserID ID  // the account, whose list begins with the latest import; empty for the unfinished ones of all, the oldest first
	After  ID  // only imports after this one in the list; empty for the first page
	Limit  int // the size of the page, at least 1
}

// Imports stores imports and their lines.
type Imports interface {
	// Create stores a new import. It returns ErrNoAccount if the user has no account, and Conflict if there is an import with
	// the id.
	Create(ctx context.Context, i Import) error
	// Get returns an import. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (Import, error)
	// List returns a page of imports.
	List(ctx context.Context, f ImportFilter) ([]Import, error)
	// Update replaces an import. It returns Conflict if State or NextBatch have changed since before was read, and
	// NotFound if there is no such import.
	Update(ctx context.Context, before, after Import) error
	// PutBatch stores a batch, or replaces it. It returns NotFound if there is no such import.
	PutBatch(ctx context.Context, b ImportBatch) error
	// Batch returns a batch of an import. It returns NotFound if there is none.
	Batch(ctx context.Context, importID ID, number int) (ImportBatch, error)
	// DeleteAll deletes the imports of a user and their batches.
	DeleteAll(ctx context.Context, userID ID) error
	// DeleteOld deletes the imports that finished before a time, and those that began to be received before another time and
	// still are. It returns their number.
	DeleteOld(ctx context.Context, finished, received time.Time) (int64, error)
}
