package models

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
	"unicode/utf8"
)

// Loan is a loan of one copy of a book.
type Loan struct {
	ID         ID // ids sort by time, and so do loans
	BookID     ID
	LenderID   ID        // the book's owner
	BorrowerID ID        // the borrower's account; empty if they have none
	Borrower   string    // the borrower's name at the time of the loan
	Due        Date      // zero for none
	LentAt     time.Time // when the loan was recorded
	ReturnedAt time.Time // zero while the loan is open
	Reminded   Reminder  // the last reminder that the borrower was sent for this due date
}

// Open reports whether the book has not been returned.
func (l Loan) Open() bool { return l.ReturnedAt.IsZero() }

// State returns the state of the loan on a day: overdue, open or returned.
func (l Loan) State(today Date) LoanState {
	switch {
	case !l.Open():
		return LoanReturned
	case l.Due != 0 && l.Due < today:
		return LoanOverdue
	}
	return LoanOpen
}

// LentBook is a loan with the title of its book.
type LentBook struct {
	Loan
	Title string
}

// LoanUpdate is a change to a loan; nil leaves a field as it is.
type LoanUpdate struct {
	Due        *Date      `json:"due"`
	ReturnedAt *time.Time `json:"returned_at"` // closes the loan
	Reminded   *Reminder  `json:"reminded"`
}

// Changes returns the names and the new values of the fields that the update changes.
func (up LoanUpdate) Changes() iter.Seq2[string, any] { return changes(up) }

// Apply returns l with the update applied.
func (up LoanUpdate) Apply(l Loan) Loan {
	apply(&l, up)
	return l
}

// LoanState is the state of a loan.
type LoanState string

// The states. A filter by open also selects loans that are overdue.
const (
	LoanOpen     LoanState = "open"
	LoanOverdue  LoanState = "overdue"
	LoanReturned LoanState = "returned"
)

// Reminder is a reminder of a loan by mail.
type Reminder string

// The reminders, in their order.
const (
	NoReminder Reminder = ""
	RemindSoon Reminder = "soon"
	RemindLate Reminder = "late"
)

// ReminderFilter selects a page of the loans whose borrowers should get a reminder. They are sorted by id.
type ReminderFilter struct {
	Soon  Date // loans that are due up to this day get the first reminder; zero for none
	Late  Date // loans that were due up to this day get the second reminder; zero for none
	After ID   // only loans after this one; empty for the first page
	Limit int  // the size of the page, at least 1
}

// Reminder returns the reminder to send for a loan that is due on a day.
func (f ReminderFilter) Reminder(due Date) Reminder {
	switch {
	case due <= f.Late:
		return RemindLate
	case due <= f.Soon:
		return RemindSoon
	}
	return NoReminder
}

// LoanFilter selects a page of loans, the latest first. One of the three ids is set: the filter selects the loans of
// this book, lender or borrower. The other two are empty.
type LoanFilter struct {
	BookID     ID
	LenderID   ID
	BorrowerID ID
	State      LoanState // empty for all
	Today      Date      // an overdue loan is due before this day
	Before     ID        // only loans older than this one; empty for the first page
	Limit      int       // the size of the page, at least 1
}

// Loans stores the loans. Once a book is deleted, no method returns its loans, even if the deletion was interrupted.
type Loans interface {
	// Create stores a new loan and sets the book's field Lent. It returns NotFound if the lender has no such book, and
	// Conflict if all copies of the book are on loan. If the borrower's account has been erased, only the borrower's
	// name is stored.
	Create(ctx context.Context, l Loan, copies int) error
	// Get returns a loan. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (LentBook, error)
	// Update changes an open loan and returns the changed loan. If the loan is not open any more, Update returns it
	// unchanged. It returns NotFound if there is no such loan.
	Update(ctx context.Context, id ID, up LoanUpdate) (LentBook, error)
	// List returns a page of loans.
	List(ctx context.Context, f LoanFilter) ([]LentBook, error)
	// OpenOf returns the open loans of these books, in no order.
	OpenOf(ctx context.Context, books []ID) ([]Loan, error)
	// ToRemind returns a page of open loans that need a reminder. The borrower has an account and was not yet sent the
	// reminder that the due date calls for.
	ToRemind(ctx context.Context, f ReminderFilter) ([]Loan, error)
	// ForgetBorrower removes an account from the loans that it borrowed. The borrower's name stays.
	ForgetBorrower(ctx context.Context, id ID) error
}

// CheckBorrower returns what is wrong with a borrower's name, or nil.
func CheckBorrower(name string) error {
	switch {
	case name == "":
		return ErrRequired
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("must have at most %d characters", maxName)
	}
	return checkVisibleName(name)
}

// CheckDue returns what is wrong with a due date, or nil. Zero means that there is no due date.
func CheckDue(due, today Date) error {
	if due != 0 && due < today {
		return errors.New("must not be in the past")
	}
	return nil
}
