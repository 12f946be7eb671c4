package storagetest

import (
	"slices"
	"testing"
	"time"

	"bookplate/models"
)

// merge merges the other books into the first one, and checks that only the first one is left.
func merge(t *testing.T, s suite, books ...models.Book) (kept models.Book, covers []models.Cover) {
	t.Helper()
	kept, covers, err := s.Books().Merge(t.Context(), mergeOf(books...))
	wantOK(t, err)
	stored, err := s.Books().Get(t.Context(), kept.ID)
	wantOK(t, err)
	wantEqual(t, stored, kept)
	for _, b := range books[1:] {
		_, err := s.Books().Get(t.Context(), b.ID)
		wantCode(t, err, models.NotFound)
	}
	return kept, covers
}

// mergeOf describes the merge of the other books into the first one.
func mergeOf(books ...models.Book) models.Merge {
	return models.Merge{ID: books[0].ID, Owner: books[0].UserID, From: idsOf(books[1:]), At: later}
}

func testMerge(t *testing.T, s suite) {
	list := addBooks(t, s, "Emma", "Emma again")
	owner, bob := list[0].UserID, addOwner(t, s)
	other := newBook(owner, "Emma once more")
	other.Description, other.Category, other.Cover = "Of Highbury", "romance", models.Cover{Name: "large", Sizes: []int{150, 1200}}
	other.Authors, other.ISBN, other.Tags, other.Copies = []string{"Jane Austen"}, "9780306406157", []string{"old", "novel"}, 3
	list = append(list, addBook(t, s, other))

	for _, user := range []models.ID{owner, bob} {
		putBook(t, s, wishlistOf(user), list[1])
		putBook(t, s, wishlistOf(user), list[2])
		putReading(t, s, models.ReadingKey{UserID: user, BookID: list[2].ID}, fullUpdate(now))
	}
	putBook(t, s, models.ShelfKey{UserID: bob, Name: "cart"}, list[0])
	putBook(t, s, models.ShelfKey{UserID: bob, Name: "cart"}, list[1])
	returned := returnLoan(t, s, lend(t, s, newLoan(list[1])))
	open := []models.Loan{lend(t, s, newLoan(list[1])), lend(t, s, newLoan(list[2])), lend(t, s, newLoan(list[2]))}

	kept, covers := merge(t, s, list...)
	want := list[0]
	want.BookDetails, want.Cover, want.Lent, want.Version, want.UpdatedAt = other.BookDetails, other.Cover, true, 1, later
	want.Tags, want.Copies = []string{"novel", "old"}, 5
	wantEqual(t, kept, want)
	for _, b := range list {
		if !slices.ContainsFunc(covers, func(c models.Cover) bool { return c.Name == b.Cover.Name }) {
			t.Errorf("the covers %v do not have that of %s", covers, b.Title)
		}
	}

	wantLoans(t, s, models.LoanFilter{BookID: kept.ID}, movedTo(kept, open[2], open[1], open[0], returned)...)
	wantLoans(t, s, models.LoanFilter{LenderID: owner}, movedTo(kept, open[2], open[1], open[0], returned)...)
	wantOpen(t, s, kept, 3)
	lendMore := func() error { return s.Loans().Create(t.Context(), newLoan(kept), kept.Copies) }
	wantOK(t, lendMore())
	wantOK(t, lendMore())
	wantCode(t, lendMore(), models.Conflict)
	for _, user := range []models.ID{owner, bob} {
		wantShelf(t, s, wishlistOf(user), 9, storedBook(t, s, kept))
		key := models.ReadingKey{UserID: user, BookID: kept.ID}
		wantReading(t, s, fullUpdate(now).Apply(models.Reading{ReadingKey: key, CreatedAt: now}))
		wantNoReading(t, s, models.ReadingKey{UserID: user, BookID: list[2].ID})
	}
	wantShelf(t, s, models.ShelfKey{UserID: bob, Name: "cart"}, 9, storedBook(t, s, kept))
}

// storedBook returns the book as it is stored now.
func storedBook(t *testing.T, s suite, b models.Book) models.Book {
	t.Helper()
	stored, err := s.Books().Get(t.Context(), b.ID)
	wantOK(t, err)
	return stored
}

// movedTo returns the loans as they are after they were moved to another book.
func movedTo(b models.Book, loans ...models.Loan) (moved []models.Loan) {
	for _, l := range loans {
		l.BookID = b.ID
		moved = append(moved, l)
	}
	return moved
}

func testMergeReadings(t *testing.T, s suite) {
	list := addBooks(t, s, "Emma", "Emma again")
	key := models.ReadingKey{UserID: list[0].UserID, BookID: list[0].ID}
	kept := putReading(t, s, key, models.ReadingUpdate{
		Status: new(models.StatusReading), Rating: new(models.Rating(8)), Progress: new(models.Progress{Unit: models.UnitPage, Value: 90}),
		Reads: new(models.Reads{{Started: 20240101}}), Review: new(models.Review("So far.")), UpdatedAt: later,
	})
	of := models.ReadingKey{UserID: key.UserID, BookID: list[1].ID}
	other := putReading(t, s, of, models.ReadingUpdate{
		Status: new(models.StatusRead), Rating: new(models.Rating(20)),
		Reads: new(models.Reads{{Started: 20110101, Finished: 20110203}, {Started: 20240101}}), Review: new(models.Review("Great.")), UpdatedAt: now,
	})
	merge(t, s, list...)
	want := kept
	want.Status, want.Progress, want.CreatedAt = models.StatusRead, models.Progress{}, other.CreatedAt
	want.Reads, want.Review = models.Reads{{Started: 20110101, Finished: 20110203}, {Started: 20240101}}, "So far.\n\nGreat."
	wantReading(t, s, want)
	f := models.ReadingFilter{UserID: key.UserID, Sort: models.SortUpdated, Year: 2011, Limit: 9}
	wantEqual(t, len(readReadings(t, s, f)), 1)
}

func testMergeRejected(t *testing.T, s suite) {
	list := addBooks(t, s, "Emma", "Emma again")
	owner := list[0].UserID
	others := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	trashed := addBook(t, s, newBook(owner, "Trashed"))
	wantOK(t, s.Trash().Put(t.Context(), trashed.ID, owner, later, nil))
	for name, m := range map[string]models.Merge{
		"another owner's book":           mergeOf(list[0], list[1], others),
		"an unknown book":                mergeOf(list[0], list[1], newBook(owner, "Unknown")),
		"into another owner's book":      {ID: others.ID, Owner: owner, From: []models.ID{list[0].ID}, At: later},
		"into an unknown book":           mergeOf(newBook(owner, "Unknown"), list[0]),
		"a book merged into another one": mergeOf(list[0], list[1], mergedElsewhere(t, s, owner)),
		"a book in the trash":            mergeOf(list[0], list[1], trashed),
		"into a book in the trash":       mergeOf(trashed, list[1]),
	} {
		_, _, err := s.Books().Merge(t.Context(), m)
		if models.CodeOf(err) != models.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, b := range append(list, others) {
		wantEqual(t, storedBook(t, s, b), b)
	}
}

// mergedElsewhere returns a book that no longer exists, because it was merged into another one.
func mergedElsewhere(t *testing.T, s suite, owner models.ID) models.Book {
	t.Helper()
	into, b := addBook(t, s, newBook(owner, "Dune")), addBook(t, s, newBook(owner, "Dune again"))
	merge(t, s, into, b)
	return b
}

func testMergeEdition(t *testing.T, s suite) {
	kept := addBooks(t, s, "Emma")[0]
	edition := func(isbn string) models.Book {
		b := newBook(kept.UserID, "Emma")
		b.Authors, b.ISBN = []string{"Jane Austen"}, isbn
		return addBook(t, s, b)
	}
	other, third := edition("9780306406157"), newBook(kept.UserID, "Emma II")
	third.ISBN = other.ISBN
	addBook(t, s, third)
	merged, _ := merge(t, s, kept, other)
	wantEqual(t, merged.BookDetails, withCopies(other, 2))
	wantCode(t, s.Books().Create(t.Context(), renamed(other)), models.Conflict)

	// After a merge with plain, third would have the same title, author and ISBN as blocked.
	plain := addBook(t, s, newBook(kept.UserID, "Emma II (plain)"))
	_, _, err := s.Books().Update(t.Context(), plain.ID, plain.UserID, models.BookUpdate{Authors: &[]string{"Zola"}, UpdatedAt: later})
	wantOK(t, err)
	blocked := newBook(kept.UserID, "Emma II")
	blocked.Authors, blocked.ISBN = []string{"Zola"}, third.ISBN
	addBook(t, s, blocked)
	_, _, err = s.Books().Merge(t.Context(), mergeOf(third, plain))
	wantCode(t, err, models.Conflict)
	wantEqual(t, storedBook(t, s, third), third)
	merge(t, s, third, plain, blocked)
}

func withCopies(b models.Book, copies int) models.BookDetails {
	b.Copies = copies
	return b.BookDetails
}

// renamed returns a book with a new id and the fields of b.
func renamed(b models.Book) models.Book {
	b.ID = models.NewID(now)
	return b
}

func testMergeAgain(t *testing.T, s suite) {
	list := addBooks(t, s, "Emma", "Emma again", "Emma once more")
	first, _ := merge(t, s, list[:2]...)
	again, covers := merge(t, s, list[:2]...)
	wantEqual(t, again, first)
	wantEqual(t, len(covers), 0)
	all, _ := merge(t, s, list...)
	wantEqual(t, all.Copies, 3)
	_, err := s.Books().Delete(t.Context(), all.ID, all.UserID, nil)
	wantOK(t, err)
	_, _, err = s.Books().Merge(t.Context(), mergeOf(list...))
	wantCode(t, err, models.NotFound)
}

// A loan or a reading record that is stored while its book is merged is either moved or rejected. It is never lost.
func testMergeRace(t *testing.T, s suite) {
	for range 10 {
		list := addBooks(t, s, "Emma", "Emma again")
		loan, key := newLoan(list[1]), models.ReadingKey{UserID: list[0].UserID, BookID: list[1].ID}
		errs := concurrently(3, func(i int) error {
			time.Sleep(time.Duration(i) * time.Millisecond)
			switch i {
			case 0:
				return s.Loans().Create(t.Context(), loan, 1)
			case 1:
				_, err := s.Readings().Put(t.Context(), key, statusUpdate(models.StatusRead, now))
				return err
			}
			_, _, err := s.Books().Merge(t.Context(), mergeOf(list...))
			return err
		})
		wantOK(t, errs[2])
		key.BookID = list[0].ID
		_, readingErr := s.Readings().Get(t.Context(), key)
		_, loanErr := s.Loans().Get(t.Context(), loan.ID)
		if kept, err := s.Books().Get(t.Context(), key.BookID); err != nil || loanErr == nil && !kept.Lent {
			t.Errorf("the kept book has a loan, but Lent is %t; error %v", kept.Lent, err)
		}
		for i, stored := range []error{loanErr, readingErr} {
			if errs[i] == nil {
				wantOK(t, stored)
			} else {
				wantCode(t, errs[i], models.NotFound)
			}
		}
	}
}
