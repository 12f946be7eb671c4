package mongo

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// mergeCase is a library in which two books are merged into another one.
type mergeCase struct {
	models.Merge
	users []models.ID
	loans []models.ID
}

// If a merge is interrupted at any write, no reading record and no loan is lost, and the same call completes the merge.
func TestMergeBreaksOff(t *testing.T) {
	proxy, url := startMissingProxy(t)
	s := open(t, url)
	waitPrepared(t, s)
	step := 5
	if storagetest.FullMatrix() {
		step = 1
	}
	for writes := 0; ; writes += step {
		c := newMergeCase(t, s)
		proxy.breakAfter(writes)
		_, _, err := s.Books().Merge(t.Context(), c.Merge)
		proxy.repair()
		if err == nil {
			if writes < 20 {
				t.Errorf("a merge has only %d writes", writes)
			}
			return
		}
		t.Run(fmt.Sprintf("after %d writes", writes), func(t *testing.T) {
			c.wantNothingLost(t, s)
			kept, _, err := s.Books().Merge(t.Context(), c.Merge)
			check(t, err)
			c.wantMerged(t, s, kept)
		})
	}
}

func newMergeCase(t *testing.T, s *Store) (c mergeCase) {
	t.Helper()
	for range 2 {
		u := models.User{ID: models.NewID(updatedAt), Active: true}
		u.Email = string(u.ID)
		check(t, s.Users().Create(t.Context(), u))
		c.users = append(c.users, u.ID)
	}
	c.Owner = c.users[0]
	for i := range 3 {
		b := models.Book{ID: models.NewID(updatedAt), UserID: c.Owner, BookTexts: models.BookTexts{Title: "Emma"}}
		if i > 0 { // the kept book gets the key of one of the others
			b.Authors, b.ISBN = []string{"Jane Austen"}, []string{"9780306406157", "9780141439587"}[i-1]
		}
		b.Tags, b.Copies = []string{fmt.Sprint("tag ", i)}, 2
		check(t, s.Books().Create(t.Context(), b))
		c.From = append(c.From, b.ID)
		for _, user := range c.users {
			up := models.ReadingUpdate{
				Status: new(models.StatusRead), Reads: &models.Reads{{Finished: models.Date(20240101 + i)}}, UpdatedAt: updatedAt,
			}
			_, err := s.Readings().Put(t.Context(), models.ReadingKey{UserID: user, BookID: b.ID}, up)
			check(t, err)
			_, err = s.Shelves().Put(t.Context(), models.ShelfKey{UserID: user, Name: fmt.Sprint("shelf", i)}, b.ID,
				models.NewPlace(updatedAt), models.DefaultShelfLimits)
			check(t, err)
		}
		for n := range 2 {
			l := models.Loan{ID: models.NewID(updatedAt), BookID: b.ID, LenderID: c.Owner, Borrower: "Bob", LentAt: updatedAt}
			check(t, s.Loans().Create(t.Context(), l, 2))
			if n > 0 {
				_, err := s.Loans().Update(t.Context(), l.ID, models.LoanUpdate{ReturnedAt: new(updatedAt)})
				check(t, err)
			}
			c.loans = append(c.loans, l.ID)
		}
	}
	c.ID, c.From, c.At = c.From[0], c.From[1:], updatedAt.Add(time.Hour)
	return c
}

// wantNothingLost checks that all periods of reading and all loans are still listed.
func (c mergeCase) wantNothingLost(t *testing.T, s *Store) {
	t.Helper()
	for _, user := range c.users {
		days := map[models.Date]bool{}
		list, err := s.Readings().List(t.Context(), models.ReadingFilter{UserID: user, Sort: models.SortUpdated, Limit: 9})
		check(t, err)
		for _, b := range list {
			for _, read := range b.Reading.Reads {
				days[read.Finished] = true
			}
		}
		if len(days) != 3 {
			t.Errorf("the reads of a user are %v", days)
		}
	}
	loans, err := s.Loans().List(t.Context(), models.LoanFilter{LenderID: c.Owner, Limit: 99})
	check(t, err)
	if got := loanIDs(loans); !slices.Equal(got, c.loans) {
		t.Errorf("the loans are %v, want %v", got, c.loans)
	}
}

// loanIDs returns the ids of loans, the oldest first.
func loanIDs(loans []models.LentBook) (ids []models.ID) {
	for _, l := range loans {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	return ids
}

// wantMerged checks that the merge is complete.
func (c mergeCase) wantMerged(t *testing.T, s *Store, kept models.Book) {
	t.Helper()
	c.wantNothingLost(t, s)
	if kept.ISBN != "9780306406157" || kept.Copies != 6 || len(kept.Tags) != 3 || !kept.Lent {
		t.Errorf("the kept book is %+v", kept)
	}
	books, err := s.Books().List(t.Context(), models.BookFilter{UserID: c.Owner, Sort: models.SortCreated, Limit: 9})
	check(t, err)
	if len(books) != 1 {
		t.Errorf("the books are %+v", books)
	}
	loans, err := s.Loans().List(t.Context(), models.LoanFilter{BookID: kept.ID, Limit: 99})
	check(t, err)
	if got := loanIDs(loans); !slices.Equal(got, c.loans) {
		t.Errorf("the loans of the kept book are %v, want %v", got, c.loans)
	}
	for _, user := range c.users {
		shelves, err := s.Shelves().List(t.Context(), user)
		check(t, err)
		if len(shelves) != 3 {
			t.Errorf("the shelves of a user are %+v", shelves)
		}
	}
	for _, name := range []string{readingsName, shelvesName, loansName} {
		left, err := s.db.Collection(name).CountDocuments(t.Context(), map[string]any{"book_id": map[string]any{"$in": c.From}})
		check(t, err)
		if left != 0 {
			t.Errorf("%d documents of the merged books are left in %s", left, name)
		}
	}
	free, err := s.Leases().Take(t.Context(), "merge "+string(c.Owner), "another", c.At, c.At.Add(time.Hour))
	check(t, err)
	if !free {
		t.Error("the merge has not released its lease")
	}
}
