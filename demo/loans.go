package demo

import (
	"context"
	"time"

	"bookplate/library"
	"bookplate/models"
)

// lending is a loan: how many days ago the book was lent and how many days ago it was returned. A returned of 0 means that it
// is still lent.
type lending struct{ lent, returned int }

// lendings are the loans that each account makes. A book is due after four weeks.
var lendings = []lending{{420, 400}, {300, 262}, {180, 155}, {95, 80}, {60, 31}, {41, 0}, {18, 0}, {3, 0}}

const loanTime = 28 * day

// friends are borrowers who have no account.
var friends = []string{"Aunt Clara", "Class 4b", "Theo from next door", "The book club"}

// loans returns records of the loans that the accounts have made. Half of the borrowers have an account.
func (f *filler) loans() []record {
	var records []record
	for i, account := range f.accounts {
		for n, l := range lendings {
			b := f.books[i+n*len(f.accounts)] // one of the account's own
			to := friends[(i+n)%len(friends)]
			if n%2 == 1 {
				to = f.accounts[(i+1+n/2%(len(f.accounts)-1))%len(f.accounts)].Email
			}
			records = append(records, func(ctx context.Context) error { return f.lend(ctx, account.User, b, to, l) })
		}
	}
	return records
}

// lend lends a book. It also returns the book if the lending has ended.
func (f *filler) lend(ctx context.Context, owner models.User, b models.Book, to string, l lending) error {
	actor, lent := models.Actor{User: owner}, f.now.Add(-time.Duration(l.lent)*day)
	loan, err := f.loansAt(lent).Lend(ctx, "", actor, b, to, models.DateOf(lent.Add(loanTime)))
	if err == nil && l.returned > 0 {
		_, err = f.loansAt(f.now.Add(-time.Duration(l.returned)*day)).Return(ctx, actor, loan.ID)
	}
	return err
}

func (f *filler) loansAt(t time.Time) *library.Loans {
	return &library.Loans{Store: f.Store.Loans(), Accounts: f.rules(t), Audit: f.audit(t), Now: at(t)}
}
