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
	ID         ID // ids, and so loans, sort by time
	BookID     ID
	LenderID   ID        // the book's owner
	BorrowerID ID        // the borrower's account; empty if the borrower has none
	Borrower   string    // the borrower's name at the time of the loan
	Due        Date      // zero if there is no due date
	LentAt     time.Time // when the loan was recorded
	ReturnedAt time.Time // zero while the loan is open
	Reminded   Reminder  // the last reminder sent to the borrower for this due date
}

// Open reports whether the book has not been returned.
// Open reports whether the book has not been returned.
func (l Loan) Open() bool { return l.ReturnedAt.IsZero() }

// State returns the state of the loan on the day today.
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

// LoanUpdate is a change to a loan; nil leaves a field unchanged.
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

// A filter by LoanOpen also selects overdue loans.
const (
	LoanOpen     LoanState = "open"
	LoanOverdue  LoanState = "overdue"
	LoanReturned LoanState = "returned"
)

// Reminder is a reminder of a loan by mail.
type Reminder string

// The reminders, in the order in which they are sent.
const (
	NoReminder Reminder = ""
	RemindSoon Reminder = "soon"
	RemindLate Reminder = "late"
)

// ReminderFilter selects a page of loans whose borrowers should get a reminder. They are sorted by id.
type ReminderFilter struct {
	Soon  Date // loans that are due on or before this day get the first reminder; zero for none
	Late  Date // loans that are due on or before this day get the second reminder; zero for none
	After ID   // only loans after this one; empty for the first page
	Limit int  // the size of the page, at least 1
}

// Reminder returns the reminder to send for a loan with this due date.
func (f ReminderFilter) Reminder(due Date) Reminder {
	switch {
	case due <= f.Late:
		return RemindLate
	case due <= f.Soon:
		return RemindSoon
	}
	return NoReminder
}

// LoanFilter selects a page of loans, latest first. Exactly one of BookID, LenderID and BorrowerID must be set.
type LoanFilter struct {
	BookID     ID
	LenderID   ID
	BorrowerID ID
	State      LoanState // empty for all states
	Today      Date      // a loan is overdue if it was due before this day
	Before     ID        // only loans older than this one; empty for the first page
	Limit      int       // the size of the page, at least 1
}

// Loans stores the loans. After a book is deleted, no method returns its loans, even if the deletion was interrupted.
type Loans interface {
	// Create stores a new loan and sets Book.Lent. It returns NotFound if the lender has no such book, and Conflict if
	// all copies of the book are on loan. If the borrower's account has been erased, Create stores only the borrower's
	// name.
	Create(ctx context.Context, l Loan, copies int) error
	// Get returns a loan. It returns NotFound if there is none.
	Get(ctx context.Context, id ID) (LentBook, error)
	// Update changes an open loan and returns it. If the loan is closed, Update returns it unchanged. It returns
	// NotFound if there is no such loan.
	Update(ctx context.Context, id ID, up LoanUpdate) (LentBook, error)
	// List returns a page of loans.
	List(ctx context.Context, f LoanFilter) ([]LentBook, error)
	// OpenOf returns the open loans of these books, in no order.
	OpenOf(ctx context.Context, books []ID) ([]Loan, error)
	// ToRemind returns a page of open loans that need a reminder. Their borrowers have accounts, and have not been sent
	// the reminder that is due.
	ToRemind(ctx context.Context, f ReminderFilter) ([]Loan, error)
	// ForgetBorrower removes an account from its loans as a borrower. The borrower's name stays.
	ForgetBorrower(ctx context.Context, id ID) error
}

// CheckBorrower returns an error if a borrower's name is invalid.
func CheckBorrower(name string) error {
	switch {
	case name == "":
		return ErrRequired
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("must have at most %d characters", maxName)
	}
	return checkVisibleName(name)
}

// CheckDue returns an error if the due date is before today. Zero is valid and means no due date.
func CheckDue(due, today Date) error {
	if due != 0 && due < today {
		return errors.New("must not be in the past")
	}
	return nil
}
