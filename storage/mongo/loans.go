package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// loans stores the loans. If the deletion of a book was interrupted, or a loan was stored at the same time, a loan can
// remain without its book. So the methods that return loans look up the books and skip such loans.
type loans struct {
	*Store
	coll  *driver.Collection
	books books
}

// Create marks the book as lent before it stores the loan, so that a book without the mark has no loans. After it has
// stored the loan, it looks up the book and the borrower, because either may have been deleted in the meantime.
func (s loans) Create(ctx context.Context, l models.Loan, copies int) error {
	if err := s.books.markLent(ctx, l.BookID, l.LenderID); err != nil {
		return err
	}
	if err := s.insert(ctx, l, copies); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.books.stored(ctx, l.BookID); err != nil {
		if models.CodeOf(err) == models.NotFound {
			_, undoErr := s.deleteMany(ctx, s.coll, bson.M{"_id": objectID(l.ID)})
			err = errors.Join(err, undoErr)
		}
		return err
	}
	if l.BorrowerID == "" {
		return nil
	}
	_, err := s.Users().Get(ctx, l.BorrowerID)
	if models.CodeOf(err) == models.NotFound {
		return s.ForgetBorrower(ctx, l.BorrowerID)
	}
	return err
}

// insert stores an open loan in the lowest free slot of its book. There is one slot for each copy of the book. A unique
// index prevents two open loans in one slot. If the book had more copies earlier, open loans may be in higher slots. So
// insert counts the open loans first.
func (s loans) insert(ctx context.Context, l models.Loan, copies int) error {
	open, err := s.OpenOf(ctx, []models.ID{l.BookID})
	if err != nil {
		return err
	}
	if len(open) >= copies {
		return &models.Error{Code: models.Conflict}
	}
	for n := range copies {
		slot := bson.E{Key: slotKey, Value: slotOf(l.BookID, n)}
		err := s.do(func() error {
			_, err := s.coll.InsertOne(ctx, loanDocument.of(l, slot))
			return err
		})
		if models.CodeOf(err) != models.Conflict {
			return err
		}
	}
	return &models.Error{Code: models.Conflict}
}

// slotOf returns the unique key of an open loan. There is one for each copy of a book, so that no copy is lent twice.
func slotOf(book models.ID, copy int) string { return fmt.Sprintf("%s/%d", book, copy) }

// Get returns a loan.
func (s loans) Get(ctx context.Context, id models.ID) (models.LentBook, error) {
	l, err := loanDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
	if err != nil {
		return models.LentBook{}, err
	}
	b, err := s.books.Get(ctx, l.BookID)
	if err != nil {
		return models.LentBook{}, err
	}
	return models.LentBook{Loan: l, Title: b.Title}, nil
}

// Update changes an open loan. If the book is returned, the same write frees the loan's slot.
func (s loans) Update(ctx context.Context, id models.ID, up models.LoanUpdate) (models.LentBook, error) {
	l, err := s.Get(ctx, id)
	if err != nil || !l.Open() {
		return l, err
	}
	set := bson.M{}
	for field, value := range up.Changes() {
		set[field] = value
	}
	change := bson.M{"$set": set}
	if up.ReturnedAt != nil {
		change["$unset"] = bson.M{slotKey: ""}
	}
	filter, after := bson.M{"_id": objectID(id), "returned_at": nil}, options.FindOneAndUpdate().SetReturnDocument(options.After)
	l.Loan, err = loanDocument.write(ctx, s.Store, s.coll, filter, func() *driver.SingleResult {
		return s.coll.FindOneAndUpdate(ctx, filter, change, after)
	})
	if models.CodeOf(err) == models.NotFound {
		return s.Get(ctx, id) // another call has returned the loan
	}
	return l, err
}

// List returns a page of loans. It skips loans of books that were deleted or are in the trash, and reads on until the page is
// full.
func (s loans) List(ctx context.Context, f models.LoanFilter) ([]models.LentBook, error) {
	var page []models.LentBook
	for len(page) < f.Limit {
		found, err := s.find(ctx, pickLoans(f), options.Find().
			SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(f.Limit-len(page))))
		if err != nil || len(found) == 0 {
			return page, err
		}
		shown, err := s.withTitles(ctx, found)
		if err != nil {
			return nil, err
		}
		page = append(page, shown...)
		f.Before = found[len(found)-1].ID
	}
	return page, nil
}

// withTitles returns the loans with the titles of their books. It leaves out loans of books that were deleted or are in the
// trash.
func (s loans) withTitles(ctx context.Context, found []models.Loan) (shown []models.LentBook, err error) {
	wanted := make([]models.ID, len(found))
	for i, l := range found {
		wanted[i] = l.BookID
	}
	books, err := s.books.byID(ctx, wanted, bson.M{}, bson.M{"title": 1})
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		if b, ok := books[l.BookID]; ok {
			shown = append(shown, models.LentBook{Loan: l, Title: b.Title})
		}
	}
	return shown, nil
}

// pickLoans returns the condition of a page of loans.
func pickLoans(f models.LoanFilter) bson.M {
	cond := bson.M{"_id": ids("$lt", f.Before)}
	switch {
	case f.BookID != "":
		cond["book_id"] = f.BookID
	case f.LenderID != "":
		cond["lender_id"] = f.LenderID
	default:
		cond["borrower_id"] = f.BorrowerID
	}
	switch f.State {
	case models.LoanOpen:
		cond["returned_at"] = nil
	case models.LoanOverdue:
		cond["returned_at"], cond["due"] = nil, bson.M{"$gt": 0, "$lt": f.Today}
	case models.LoanReturned:
		cond["returned_at"] = bson.M{"$ne": nil}
	}
	return cond
}

// OpenOf returns the open loans of these books.
func (s loans) OpenOf(ctx context.Context, books []models.ID) ([]models.Loan, error) {
	return s.find(ctx, bson.M{"book_id": bson.M{"$in": books}, "returned_at": nil}, options.Find())
}

// ToRemind returns a page of loans whose borrowers should get a reminder. Like List, it reads on until the page is full.
func (s loans) ToRemind(ctx context.Context, f models.ReminderFilter) ([]models.Loan, error) {
	var page []models.Loan
	for len(page) < f.Limit {
		found, err := s.find(ctx, pickReminders(f), options.Find().
			SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(f.Limit-len(page))))
		if err != nil || len(found) == 0 {
			return page, err
		}
		shown, err := s.withTitles(ctx, found)
		if err != nil {
			return nil, err
		}
		for _, l := range shown {
			page = append(page, l.Loan)
		}
		f.After = found[len(found)-1].ID
	}
	return page, nil
}

// pickReminders returns the condition for a page of loans whose borrowers should get a reminder.
func pickReminders(f models.ReminderFilter) bson.M {
	upTo := func(due models.Date) bson.M { return bson.M{"$gt": 0, "$lte": due} }
	return bson.M{
		"_id": ids("$gt", f.After), "returned_at": nil, "borrower_id": bson.M{"$gt": ""},
		"$or": bson.A{
			bson.M{"reminded": models.NoReminder, "due": upTo(max(f.Soon, f.Late))},
			bson.M{"reminded": models.RemindSoon, "due": upTo(f.Late)},
		},
	}
}

// ForgetBorrower removes an account from all loans in which it is the borrower.
func (s loans) ForgetBorrower(ctx context.Context, id models.ID) error {
	return s.do(func() error {
		_, err := s.coll.UpdateMany(ctx, bson.M{"borrower_id": id}, bson.M{"$set": bson.M{"borrower_id": ""}})
		return err
	})
}

func (s loans) find(ctx context.Context, filter bson.M, opts *options.FindOptionsBuilder) ([]models.Loan, error) {
	return loanDocument.all(ctx, s.Store, func() (*driver.Cursor, error) { return s.coll.Find(ctx, filter, opts) })
}
