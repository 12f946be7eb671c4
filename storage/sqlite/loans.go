package sqlite

import (
	"context"
	"encoding/json"

	"bookplate/models"
)

type loans struct{ *Store }

const isOpen = "returned_at < 0" // the condition of the partial indexes

var (
	insertLoan     = loanTable.insert("loans")
	countOpenLoans = "SELECT count(*) FROM loans WHERE book_id = ? AND " + isOpen
	markLent       = "UPDATE books SET lent = TRUE WHERE id = ?"
	// SQLite keeps the order of a cross join. So it reads the loans by their index, and then the book of each loan.
	selectLoans = "SELECT " + loanTable.qualified("l") + ", b.title FROM loans l CROSS JOIN books b ON b.id = l.book_id WHERE "
	selectLoan  = selectLoans + "l.id = ?"
	openLoans   = "SELECT " + loanTable.names + " FROM loans WHERE book_id IN (SELECT value FROM json_each(?)) AND " + isOpen
	// The plus signs keep SQLite from using the indexes on borrower_id and id, with which it would read all open loans.
	toRemind = "SELECT " + loanTable.names + " FROM loans WHERE " + isOpen + " AND +borrower_id > '' AND due > 0 AND due <= ? " +
		"AND reminded IN ('', 'soon') AND (reminded = '' OR due <= ?) AND " + notInTrash + " AND +id > ? ORDER BY +id LIMIT ?"
	updateLoan     = "UPDATE loans SET (" + loanTable.names + ") = (" + loanTable.placeholders + ") WHERE id = ?"
	forgetBorrower = "UPDATE loans SET borrower_id = '' WHERE borrower_id = ?"
	// deleteLoans deletes the loans of a deleted book.
	deleteLoans = "DELETE FROM loans WHERE book_id = ?"
)

func (s loans) Create(ctx context.Context, l models.Loan, copies int) error {
	return s.write(ctx, func(q *statements) error {
		b, err := ownedBook(q, l.BookID, l.LenderID, nil)
		if err != nil {
			return err
		}
		open, err := one(q, countOpenLoans, []any{string(l.BookID)}, intField)
		if err != nil {
			return err
		}
		if open >= int64(copies) {
			return &models.Error{Code: models.Conflict}
		}
		if l.BorrowerID, err = existing(q, l.BorrowerID); err != nil {
			return err
		}
		if !b.Lent {
			if _, err := q.exec(markLent, string(l.BookID)); err != nil {
				return err
			}
		}
		_, err = q.exec(insertLoan, loanTable.values(l)...)
		return err
	})
}

// existing returns the id of an account if the account exists, and otherwise an empty id.
func existing(q *statements, account models.ID) (models.ID, error) {
	n, err := one(q, countUser, []any{string(account)}, intField)
	if n == 0 {
		account = ""
	}
	return account, err
}

func (s loans) Get(ctx context.Context, id models.ID) (models.LentBook, error) {
	return find(ctx, s.Store, selectLoan, []any{string(id)}, lentFields)
}

func (s loans) Update(ctx context.Context, id models.ID, up models.LoanUpdate) (l models.LentBook, err error) {
	if up.ReturnedAt != nil {
		up.ReturnedAt = new(storedTime(*up.ReturnedAt))
	}
	err = s.write(ctx, func(q *statements) error {
		l, err = one(q, selectLoan, []any{string(id)}, lentFields)
		if err != nil || !l.Open() {
			return err
		}
		l.Loan = up.Apply(l.Loan)
		_, err = q.exec(updateLoan, append(loanTable.values(l.Loan), string(id))...)
		return err
	})
	return l, err
}

func (s loans) List(ctx context.Context, f models.LoanFilter) ([]models.LentBook, error) {
	query, args := listLoans(f)
	return findAll(ctx, s.Store, query, args, lentFields)
}

// listLoans returns the query for a page. For each of the three ids in the filter there are two indexes with the loans
// in order: one of all loans, and one of the open loans only.
func listLoans(f models.LoanFilter) (query string, args []any) {
	switch {
	case f.BookID != "":
		query, args = selectLoans+"l.book_id = ?", []any{string(f.BookID)}
	case f.LenderID != "":
		query, args = selectLoans+"l.lender_id = ?", []any{string(f.LenderID)}
	default:
		query, args = selectLoans+"l.borrower_id = ?", []any{string(f.BorrowerID)}
	}
	switch f.State {
	case models.LoanOpen:
		query += " AND l." + isOpen
	case models.LoanOverdue:
		query, args = query+" AND l."+isOpen+" AND l.due > 0 AND l.due < ?", append(args, int(f.Today))
	case models.LoanReturned:
		query += " AND NOT l." + isOpen
	}
	if f.Before != "" {
		query, args = query+" AND l.id < ?", append(args, string(f.Before))
	}
	return query + " ORDER BY l.id DESC LIMIT ?", append(args, f.Limit)
}

// OpenOf passes the ids as one JSON array, so that one prepared query works for any number of books.
func (s loans) OpenOf(ctx context.Context, books []models.ID) ([]models.Loan, error) {
	array, err := json.Marshal(books)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, openLoans, []any{string(array)}, loanTable.fields)
}

func (s loans) ToRemind(ctx context.Context, f models.ReminderFilter) ([]models.Loan, error) {
	args := []any{int(max(f.Soon, f.Late)), int(f.Late), string(f.After), f.Limit}
	return findAll(ctx, s.Store, toRemind, args, loanTable.fields)
}

func (s loans) ForgetBorrower(ctx context.Context, id models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := q.exec(forgetBorrower, string(id))
		return err
	})
}
