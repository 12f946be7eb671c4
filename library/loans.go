package library

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bookplate/models"
)

// Accounts finds the accounts of borrowers. Package accounts implements it.
type Accounts interface {
	FindByName(ctx context.Context, name string) (models.User, error)
}

// Reminders reminds borrowers by mail. Package accounts implements it.
type Reminders interface {
	Remind(ctx context.Context, borrower models.ID) error
}

// Loans implements the rules of loans. A book's owner and librarians may lend the book and see its loans. A borrower
// with an account sees their own loans. The audit log records librarians' actions on other people's loans. A write
// finishes even if the caller's context is cancelled meanwhile.
type Loans struct {
	Store     models.Loans
	Accounts  Accounts
	Reminders Reminders
	Audit     Audit
	Now       func() time.Time
}

var (
	errAllLent = &models.Error{
		Code: models.Conflict, Detail: "all copies are on loan: return one first, with POST /loans/<id>/return",
	}
	errReturned = &models.Error{Code: models.Conflict, Detail: "the book has been returned: lend it again instead"}

	errNothingToRemindOf = &models.Error{Code: models.Conflict, Detail: "the book has been returned: there is nothing to remind of"}
	errNoAccount         = &models.Error{
		Code: models.Conflict, Name: "borrower_without_mail",
		Detail: "the book is lent to a name and not to an account: remind the borrower yourself",
	}
)

// Today returns the current day in UTC. A loan is overdue if its due date is before this day.
func (l *Loans) Today() models.Date { return models.DateOf(l.Now()) }

// Lend lends a book that Books.Editable returned. If to is the user name or the e-mail address of an active account,
// that account is the borrower. Otherwise to is the borrower's name. If id is empty, the loan gets a new id. If a loan
// with this id exists, an earlier attempt of the same request has created it, and Lend returns that loan.
//
// The error is Invalid if the borrower is the book's owner, Conflict if all copies are on loan, and NotFound if the
// book was deleted meanwhile.
func (l *Loans) Lend(
	ctx context.Context, id models.ID, actor models.Actor, b models.Book, to string, due models.Date,
) (models.LentBook, error) {
	now := l.Now()
	loan := models.Loan{ID: cmp.Or(id, models.NewID(now)), BookID: b.ID, LenderID: b.UserID, Borrower: to, Due: due, LentAt: now}
	switch borrower, err := l.Accounts.FindByName(ctx, to); {
	case err == nil && borrower.ID == b.UserID:
		return models.LentBook{}, models.InvalidField("to", errors.New("must not be the owner of the book"))
	case err == nil:
		loan.BorrowerID, loan.Borrower = borrower.ID, borrower.Name
	case models.CodeOf(err) != models.NotFound:
		return models.LentBook{}, err
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.note(ctx, actor, models.ActionChangeLoan, b.UserID, b.ID, "lend"); err != nil {
		return models.LentBook{}, err
	}
	err := l.Store.Create(ctx, loan, cmp.Or(b.Copies, 1))
	if models.CodeOf(err) != models.Conflict {
		return models.LentBook{Loan: loan, Title: b.Title}, err
	}
	if id != "" {
		if earlier, getErr := l.Store.Get(ctx, id); models.CodeOf(getErr) != models.NotFound {
			return earlier, getErr
		}
	}
	return models.LentBook{}, errAllLent.WithCause(err)
}

// note records an action on a loan in the audit log, unless the actor owns the book.
func (l *Loans) note(
	ctx context.Context, actor models.Actor, action models.Action, owner, book models.ID, detail string,
) error {
	if owner == actor.User.ID {
		return nil
	}
	return l.Audit.Note(ctx, actor, action, book, detail)
}

// NoteReading records in the audit log that the actor has read the loans of a book, unless the actor owns it.
// Books.Editable must have returned the book.
func (l *Loans) NoteReading(ctx context.Context, actor models.Actor, b models.Book) error {
	return l.note(ctx, actor, models.ActionReadLoans, b.UserID, b.ID, "")
}

// List returns a page of loans. The caller must set a filter that selects only loans that the user may see.
func (l *Loans) List(ctx context.Context, f models.LoanFilter) ([]models.LentBook, error) {
	f.Today = l.Today()
	return l.Store.List(ctx, f)
}

// Attach sets the field OpenLoans of each book. It does not call the store if none of the books was ever lent.
func (l *Loans) Attach(ctx context.Context, books []*models.Book) error {
	lent := make(map[models.ID]*models.Book)
	for _, b := range books {
		if b.Lent {
			lent[b.ID] = b
		}
	}
	if len(lent) == 0 {
		return nil
	}
	loans, err := l.Store.OpenOf(ctx, slices.Collect(maps.Keys(lent)))
	for _, loan := range loans {
		b := lent[loan.BookID]
		b.OpenLoans = append(b.OpenLoans, loan)
	}
	return err
}

// SetDue changes the due date of a loan. The borrower gets new reminders for the new date. The error is NotFound unless
// the actor is the lender or may edit any book. It is Conflict if the book has been returned.
func (l *Loans) SetDue(ctx context.Context, actor models.Actor, id models.ID, due models.Date) (models.LentBook, error) {
	loan, err := l.change(ctx, actor, id, models.LoanUpdate{Due: &due, Reminded: new(models.NoReminder)}, "due")
	if err == nil && !loan.Open() {
		err = errReturned
	}
	return loan, err
}

// Return closes a loan. A loan that is already closed does not change. The error is NotFound unless the actor is the
// lender or may edit any book.
func (l *Loans) Return(ctx context.Context, actor models.Actor, id models.ID) (models.LentBook, error) {
	return l.change(ctx, actor, id, models.LoanUpdate{ReturnedAt: new(l.Now())}, "return")
}

// Remind queues a reminder to the borrower of a loan. The error is NotFound unless the actor is the lender or may edit any book.
// It is Conflict if the book has been returned or the borrower gets no mail, and TooManyRequests if the borrower got a reminder
// during the last day.
func (l *Loans) Remind(ctx context.Context, actor models.Actor, id models.ID) (models.LentBook, error) {
	loan, err := l.changeable(ctx, actor, id)
	if err != nil {
		return models.LentBook{}, err
	}
	switch {
	case !loan.Open():
		return models.LentBook{}, errNothingToRemindOf
	case loan.BorrowerID == "":
		return models.LentBook{}, errNoAccount
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.note(ctx, actor, models.ActionChangeLoan, loan.LenderID, loan.BookID, "remind"); err != nil {
		return models.LentBook{}, err
	}
	return loan, l.Reminders.Remind(ctx, loan.BorrowerID)
}

func (l *Loans) change(
	ctx context.Context, actor models.Actor, id models.ID, up models.LoanUpdate, detail string,
) (models.LentBook, error) {
	loan, err := l.changeable(ctx, actor, id)
	if err != nil {
		return models.LentBook{}, err
	}
	ctx = context.WithoutCancel(ctx)
	if err := l.note(ctx, actor, models.ActionChangeLoan, loan.LenderID, loan.BookID, detail); err != nil {
		return models.LentBook{}, err
	}
	return l.Store.Update(ctx, id, up)
}

// changeable returns a loan that the actor may change. For other loans the error is NotFound.
func (l *Loans) changeable(ctx context.Context, actor models.Actor, id models.ID) (models.LentBook, error) {
	loan, err := l.Store.Get(ctx, id)
	if err == nil && loan.LenderID != actor.User.ID && !actor.User.Role.CanEditBooks() {
		return models.LentBook{}, &models.Error{Code: models.NotFound}
	}
	return loan, err
}
