package models

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Action is what an administrator, a librarian or the operator did to what is not theirs.
type Action string

// The actions.
const (
	ActionListUsers  Action = "users.list"  // read a page of the accounts
	ActionReadUser   Action = "user.read"   // read an account
	ActionChangeUser Action = "user.change" // disabled or enabled an account, or gave it another role
	ActionLinkUser   Action = "user.link"   // got the link by which an account's owner chooses a new password
	ActionCreateUser Action = "user.create" // created an account
	ActionInviteUser Action = "user.invite" // got a link by which somebody creates an account
	ActionChangeBook Action = "book.change" // edited somebody else's book
)

// Actor is a signed-in caller, as the audit log records them.
type Actor struct {
	User User
	IP   string
}

// AuditEntry is a line of the audit log.
type AuditEntry struct {
	ID       ID        // ids sort by time, so the log does
	ActorID  ID        // who; empty for the operator, who needs no account
	Action   Action    // what
	TargetID ID        // whom, or which book; empty for a list
	Detail   string    // what exactly, for people
	At       time.Time // when
	IP       string    // from where: an address, or for the operator FromCommandLine or FromAdminEmail
}

// From where the operator acts.
const (
	FromCommandLine = "command line"
	FromAdminEmail  = "ADMIN_EMAIL"
	FromSetUpLink   = "set-up link"
)

// NewAuditEntry is the operator's entry of what is done now, with an id of its own. The API adds who does it.
func NewAuditEntry(now time.Time, from string, action Action, target ID, detail string) AuditEntry {
	return AuditEntry{ID: NewID(now), Action: action, TargetID: target, Detail: detail, At: now, IP: from}
}

// Describe is what a change does to an account's role and state, for the audit log.
func (up UserUpdate) Describe() string {
	var changes []string
	if up.Role != nil {
		changes = append(changes, "role="+string(*up.Role))
	}
	if up.Active != nil {
		changes = append(changes, fmt.Sprintf("active=%t", *up.Active))
	}
	return strings.Join(changes, " ")
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
