package storagetest

import (
	"fmt"
	"slices"
	"testing"

	"bookplate/models"
)

var loanTests = map[string]func(*testing.T, suite){
	"a loan is stored":                               testLoanStored,
	"a book of another owner is not lent":            testLoanOfAnotherOwner,
	"there are no more open loans than copies":       testLoanCopies,
	"of 100 concurrent loans one succeeds per copy":  testLoanRace,
	"an open loan is changed and returned":           testLoanUpdate,
	"loans are listed by person, book and state":     testLoanLists,
	"the loans of a deleted book are deleted":        testLoansOfDeletedBook,
	"a deleted book has no loans made meanwhile":     testLendRace,
	"loans are selected for reminders":               testLoanReminders,
	"a borrower is forgotten, but their name is not": testForgetBorrower,
	"no loan names an erased borrower":               testForgetBorrowerRace,
}

const today models.Date = 20240506 // the date of the variable now

func newLoan(b models.Book) models.Loan {
	return models.Loan{ID: models.NewID(now), BookID: b.ID, LenderID: b.UserID, Borrower: "Bob", Due: 20240520, LentAt: now}
}

// lend stores a loan of a book that has three copies.
func lend(t *testing.T, s suite, l models.Loan) models.Loan {
	t.Helper()
	wantOK(t, s.Loans().Create(t.Context(), l, 3))
	return l
}

func returnLoan(t *testing.T, s suite, l models.Loan) models.Loan {
	t.Helper()
	got, err := s.Loans().Update(t.Context(), l.ID, models.LoanUpdate{ReturnedAt: new(later)})
	wantOK(t, err)
	return got.Loan
}

// wantLoans checks a list of loans, read in pages of one and of ten.
func wantLoans(t *testing.T, s suite, f models.LoanFilter, want ...models.Loan) {
	t.Helper()
	f.Today = today
	for _, f.Limit = range []int{1, 10} {
		var got []models.Loan
		f.Before = ""
		for range maxPages {
			page, err := s.Loans().List(t.Context(), f)
			wantOK(t, err)
			for _, l := range page {
				got = append(got, l.Loan)
				f.Before = l.ID
			}
			if len(page) < f.Limit {
				break
			}
		}
		wantEqualList(t, got, want)
	}
}

// wantOpen checks how many loans of a book are open.
func wantOpen(t *testing.T, s suite, b models.Book, want int) {
	t.Helper()
	open, err := s.Loans().OpenOf(t.Context(), []models.ID{models.NewID(now), b.ID})
	wantOK(t, err)
	wantEqual(t, len(open), want)
}

func testLoanStored(t *testing.T, s suite) {
	b := addBooks(t, s, "Emma")[0]
	var want []models.Loan
	for i, name := range hardTexts {
		l := newLoan(b)
		l.Borrower, l.BorrowerID = name, addOwner(t, s)
		if i%2 == 0 {
			l.Due, l.BorrowerID = 0, ""
		}
		wantOK(t, s.Loans().Create(t.Context(), l, len(hardTexts)))
		got, err := s.Loans().Get(t.Context(), l.ID)
		wantOK(t, err)
		wantEqual(t, got, models.LentBook{Loan: l, Title: "Emma"})
		want = append(want, l)
	}
	open, err := s.Loans().OpenOf(t.Context(), []models.ID{b.ID})
	wantOK(t, err)
	slices.SortFunc(open, func(a, b models.Loan) int { return slices.Index(want, a) - slices.Index(want, b) })
	wantEqualList(t, open, want)
	stored, err := s.Books().Get(t.Context(), b.ID)
	wantOK(t, err)
	wantEqual(t, stored.Lent, true)
	none, err := s.Loans().OpenOf(t.Context(), []models.ID{models.NewID(now)})
	wantOK(t, err)
	wantEqual(t, len(none), 0)
}

func testLoanOfAnotherOwner(t *testing.T, s suite) {
	b := addBooks(t, s, "Emma")[0]
	for _, l := range []models.Loan{
		{ID: models.NewID(now), BookID: b.ID, LenderID: addOwner(t, s)},
		{ID: models.NewID(now), BookID: models.NewID(now), LenderID: b.UserID},
	} {
		wantCode(t, s.Loans().Create(t.Context(), l, 3), models.NotFound)
		_, err := s.Loans().Get(t.Context(), l.ID)
		wantCode(t, err, models.NotFound)
		_, err = s.Loans().Update(t.Context(), l.ID, models.LoanUpdate{Due: new(today)})
		wantCode(t, err, models.NotFound)
	}
	wantOpen(t, s, b, 0)
}

func testLoanCopies(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	first := lend(t, s, newLoan(books[0]))
	lend(t, s, newLoan(books[0]))
	wantCode(t, s.Loans().Create(t.Context(), newLoan(books[0]), 2), models.Conflict)
	lend(t, s, newLoan(books[1]))
	returnLoan(t, s, first)
	wantOpen(t, s, books[0], 1)
	wantOK(t, s.Loans().Create(t.Context(), newLoan(books[0]), 2))
	wantCode(t, s.Loans().Create(t.Context(), newLoan(books[0]), 2), models.Conflict)
	wantOpen(t, s, books[0], 2)
	wantOpen(t, s, books[1], 1)
	second := lend(t, s, newLoan(books[1]))
	lend(t, s, newLoan(books[1]))
	returnLoan(t, s, second)
	// The owner may have given one of the three copies away. Then only two are left, and both are lent.
	wantCode(t, s.Loans().Create(t.Context(), newLoan(books[1]), 2), models.Conflict)
	wantOpen(t, s, books[1], 2)
}

func testLoanRace(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	wantOneSuccess(t, concurrently(100, func(int) error { return s.Loans().Create(t.Context(), newLoan(books[0]), 1) }))
	wantOpen(t, s, books[0], 1)
	lent := 0
	for _, err := range concurrently(20, func(int) error { return s.Loans().Create(t.Context(), newLoan(books[1]), 3) }) {
		if err == nil {
			lent++
			continue
		}
		wantCode(t, err, models.Conflict)
	}
	wantEqual(t, lent, 3)
	wantOpen(t, s, books[1], 3)
}

func testLoanUpdate(t *testing.T, s suite) {
	l := lend(t, s, newLoan(addBooks(t, s, "Emma")[0]))
	for _, due := range []models.Date{20240601, 0} {
		l.Due = due
		got, err := s.Loans().Update(t.Context(), l.ID, models.LoanUpdate{Due: &due})
		wantOK(t, err)
		wantEqual(t, got, models.LentBook{Loan: l, Title: "Emma"})
	}
	l.ReturnedAt = later
	wantEqual(t, returnLoan(t, s, l), l)
	got, err := s.Loans().Update(t.Context(), l.ID, models.LoanUpdate{Due: new(today), ReturnedAt: new(now)})
	wantOK(t, err)
	wantEqual(t, got, models.LentBook{Loan: l, Title: "Emma"}) // a returned loan stays as it is
}

func testLoanLists(t *testing.T, s suite) {
	books, others := addBooks(t, s, "Emma", "Dune"), addBooks(t, s, "Carrie")
	ada, bob := books[0].UserID, others[0].UserID
	var all []models.Loan // the latest first
	for i, due := range []models.Date{0, today, 20240505, 20240505, 20231231} {
		l := newLoan(books[i%2])
		l.Due = due
		if i > 2 {
			l.BorrowerID = bob
		}
		all = slices.Insert(all, 0, lend(t, s, l))
	}
	toAda := newLoan(others[0])
	toAda.BorrowerID = ada
	lend(t, s, toAda)
	all[1] = returnLoan(t, s, all[1])
	wantLoans(t, s, models.LoanFilter{LenderID: ada}, all...)
	wantLoans(t, s, models.LoanFilter{LenderID: ada, State: models.LoanOpen}, all[0], all[2], all[3], all[4])
	wantLoans(t, s, models.LoanFilter{LenderID: ada, State: models.LoanOverdue}, all[0], all[2])
	wantLoans(t, s, models.LoanFilter{LenderID: ada, State: models.LoanReturned}, all[1])
	wantLoans(t, s, models.LoanFilter{BorrowerID: bob}, all[0], all[1])
	wantLoans(t, s, models.LoanFilter{BorrowerID: bob, State: models.LoanOverdue}, all[0])
	wantLoans(t, s, models.LoanFilter{BorrowerID: ada}, toAda)
	wantLoans(t, s, models.LoanFilter{BookID: books[1].ID}, all[1], all[3])
	wantLoans(t, s, models.LoanFilter{BookID: books[1].ID, State: models.LoanOpen}, all[3])
	wantLoans(t, s, models.LoanFilter{LenderID: addOwner(t, s)})
}

func testLoansOfDeletedBook(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune", "Carrie")
	owner, borrower := books[0].UserID, addOwner(t, s)
	loans := make([]models.Loan, len(books))
	for i, b := range books {
		loans[i] = newLoan(b)
		loans[i].BorrowerID = borrower
		lend(t, s, loans[i])
	}
	_, err := s.Books().Delete(t.Context(), books[1].ID, owner, nil)
	wantOK(t, err)
	_, err = s.Loans().Get(t.Context(), loans[1].ID)
	wantCode(t, err, models.NotFound)
	wantLoans(t, s, models.LoanFilter{LenderID: owner}, loans[2], loans[0])
	wantLoans(t, s, models.LoanFilter{BorrowerID: borrower}, loans[2], loans[0])
	addBook(t, s, books[1]) // a new book with the same id has no loans
	wantOpen(t, s, books[1], 0)
	wantOK(t, s.Loans().Create(t.Context(), newLoan(books[1]), 1))
	_, err = s.Books().DeleteOwned(t.Context(), owner, 9)
	wantOK(t, err)
	wantLoans(t, s, models.LoanFilter{LenderID: owner})
	wantLoans(t, s, models.LoanFilter{BorrowerID: borrower})
}

func testLendRace(t *testing.T, s suite) {
	for range 20 {
		b := addBooks(t, s, "Emma")[0]
		errs := concurrently(5, func(i int) error {
			if i == 0 {
				_, err := s.Books().Delete(t.Context(), b.ID, b.UserID, nil)
				return err
			}
			return s.Loans().Create(t.Context(), newLoan(b), 3)
		})
		wantOK(t, errs[0])
		for _, err := range errs[1:] {
			if err != nil && models.CodeOf(err) != models.Conflict {
				wantCode(t, err, models.NotFound)
			}
		}
		addBook(t, s, b) // a new book with the same id
		wantOpen(t, s, b, 0)
		wantOK(t, s.Loans().Create(t.Context(), newLoan(b), 1))
	}
}

func testLoanReminders(t *testing.T, s suite) {
	b, bob := addBooks(t, s, "Emma")[0], addOwner(t, s)
	var loans []models.Loan
	for _, l := range []struct {
		due      models.Date
		borrower models.ID
		reminded models.Reminder
	}{
		{20240501, bob, models.NoReminder},
		{20240501, bob, models.RemindSoon},
		{20240501, bob, models.RemindLate},
		{20240505, bob, models.NoReminder},
		{20240505, bob, models.RemindSoon},
		{20240509, bob, models.NoReminder},
		{20240509, bob, models.RemindSoon},
		{20240510, bob, models.NoReminder},
		{20240501, "", models.NoReminder},
		{0, bob, models.NoReminder},
		{20240501, bob, models.NoReminder}, // returned
	} {
		loan := newLoan(b)
		loan.Due, loan.BorrowerID, loan.Reminded = l.due, l.borrower, l.reminded
		wantOK(t, s.Loans().Create(t.Context(), loan, 20))
		loans = append(loans, loan)
	}
	returnLoan(t, s, loans[10])
	for _, test := range []struct {
		f    models.ReminderFilter
		want []int
	}{
		{models.ReminderFilter{Soon: 20240509, Late: 20240505}, []int{0, 1, 3, 4, 5}},
		{models.ReminderFilter{Soon: 20240509}, []int{0, 3, 5}},
		{models.ReminderFilter{Late: 20240504}, []int{0, 1}},
		{models.ReminderFilter{}, nil},
	} {
		var got, want []models.Loan
		for _, i := range test.want {
			want = append(want, loans[i])
		}
		for f := test.f; ; {
			f.Limit = 2
			page, err := s.Loans().ToRemind(t.Context(), f)
			wantOK(t, err)
			got = append(got, page...)
			if len(page) < f.Limit {
				break
			}
			f.After = page[1].ID
		}
		wantEqualList(t, got, want)
	}
	changed, err := s.Loans().Update(t.Context(), loans[0].ID, models.LoanUpdate{Reminded: new(models.RemindLate)})
	wantOK(t, err)
	loans[0].Reminded = models.RemindLate
	wantEqual(t, changed.Loan, loans[0])
}

func testForgetBorrower(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Dune")
	bob, eve := addOwner(t, s), addOwner(t, s)
	l, other := newLoan(books[0]), newLoan(books[1])
	l.BorrowerID, other.BorrowerID = bob, eve
	lend(t, s, l)
	lend(t, s, other)
	wantOK(t, s.Loans().ForgetBorrower(t.Context(), bob))
	l.BorrowerID = ""
	wantLoans(t, s, models.LoanFilter{LenderID: l.LenderID}, other, l)
	wantLoans(t, s, models.LoanFilter{BorrowerID: bob})
}

func testForgetBorrowerRace(t *testing.T, s suite) {
	for i := range 20 {
		b := addBooks(t, s, fmt.Sprint("Volume ", i))[0]
		l := newLoan(b)
		l.BorrowerID = addOwner(t, s)
		for _, err := range concurrently(2, func(i int) error {
			if i == 0 {
				return s.Loans().Create(t.Context(), l, 1)
			}
			if err := s.Users().Delete(t.Context(), l.BorrowerID); err != nil {
				return err
			}
			return s.Loans().ForgetBorrower(t.Context(), l.BorrowerID)
		}) {
			wantOK(t, err)
		}
		got, err := s.Loans().Get(t.Context(), l.ID)
		wantOK(t, err)
		l.BorrowerID = ""
		wantEqual(t, got.Loan, l)
	}
}
