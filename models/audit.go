package models

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Action is an action on other people's data by an administrator, a librarian or the operator.
type Action string

// The actions.
// The actions.
const (
	ActionListUsers  Action = "users.list"  // read a page of the accounts
	ActionReadUser   Action = "user.read"   // read an account
	ActionChangeUser Action = "user.change" // disabled or enabled an account, or gave it another role
	ActionLinkUser   Action = "user.link"   // created a link that lets an account's owner set a new password
	ActionCreateUser Action = "user.create" // created an account
	ActionInviteUser Action = "user.invite" // created a link that lets somebody create an account
	ActionChangeBook Action = "book.change" // edited somebody else's book
	ActionReadLoans  Action = "loans.list"  // read a page of the loans of somebody else's book
	ActionChangeLoan Action = "loan.change" // lent somebody else's book, or changed a loan of it
)

// Actor is a signed-in caller whose actions the audit log records.
type Actor struct {
	User User
	IP   string
}

// AuditEntry is an entry of the audit log.
type AuditEntry struct {
	ID       ID // ids sort by time, and so does the log
	ActorID  ID // the account that acted; empty for the operator, who has no account
	Action   Action
	TargetID ID        // the account or the book; empty for a list
	Detail   string    // more information, as text for people
	At       time.Time // when the action was requested
	IP       string    // the actor's IP address; for the operator, one of the From constants
}

// Values of AuditEntry.IP for actions of the operator.
const (
	FromCommandLine = "command line"
	FromAdminEmail  = "ADMIN_EMAIL"
	FromSetUpLink   = "set-up link"
)

// NewAuditEntry returns an entry with a new id for an action of the operator. For an action of a signed-in user, the
// caller must also set ActorID.
func NewAuditEntry(now time.Time, from string, action Action, target ID, detail string) AuditEntry {
	return AuditEntry{ID: NewID(now), Action: action, TargetID: target, Detail: detail, At: now, IP: from}
}

// Describe returns the changes of role and state as text for the audit log, such as "role=admin active=true".
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

// AuditFilter selects a page of the audit log.
type AuditFilter struct {
	Before ID  // only entries older than this one; empty for the first page
	Limit  int // the size of the page, at least 1
}

// Audit stores the audit log. It has no method that changes or deletes an entry.
type Audit interface {
	Append(ctx context.Context, e AuditEntry) error

	// List returns a page of entries, newest first. If two servers create entries in the same second, the order of
	// these entries is arbitrary but stable.
	List(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
}
