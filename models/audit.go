package models

import (
	"context"
	"time"
)

// Action is what an administrator or a librarian did to what is not theirs.
type Action string

// The actions.
const (
	ActionListUsers  Action = "users.list"  // read a page of the accounts
	ActionReadUser   Action = "user.read"   // read an account
	ActionChangeUser Action = "user.change" // disabled or enabled an account, or gave it another role
	ActionChangeBook Action = "book.change" // mended a book of somebody else
)

// AuditEntry is a line of the audit log.
type AuditEntry struct {
	ID       ID        // ids sort by time, so the log does
	ActorID  ID        // who
	Action   Action    // what
	TargetID ID        // whom, or which book; empty for a list
	Detail   string    // what exactly, for people
	At       time.Time // when
	IP       string    // from where
}

// AuditFilter picks a page of the audit log.
type AuditFilter struct {
	Before ID  // only entries that are older than this one; empty for the first page
	Limit  int // at most so many, at least 1
}

// Audit keeps the audit log. Nothing of it is ever changed or removed through it.
type Audit interface {
	// Append adds an entry.
	Append(ctx context.Context, e AuditEntry) error

	// List returns a page of entries, the newest first: those that different copies of the server made in the same second
	// in any order, the same at every time.
	List(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
}
