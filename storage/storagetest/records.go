package storagetest

import (
	"context"
	"testing"

	"bookplate/models"
)

// Fill stores records in every collection of an empty store.
func Fill(t *testing.T, store models.Store) {
	t.Helper()
	s := suite{store}
	ada := addUser(t, s, newNamedUser("ada@example.com", "ada"))
	old := addUser(t, s, newUser("old@example.com"))
	_, err := s.Users().Update(t.Context(), old.ID, models.UserUpdate{Active: new(false)}) // it has no unique keys
	wantOK(t, err)
	emma := addBook(t, s, newBook(ada.ID, "Emma"))
	full := newBook(ada.ID, "Emma")
	full.BookDetails = details
	addBook(t, s, full)
	for _, text := range hardTexts {
		addBook(t, s, models.Book{ID: models.NewID(now), UserID: ada.ID, BookTexts: models.BookTexts{Title: "Hard " + text}})
	}

	trashed := addBook(t, s, newBook(ada.ID, "In the trash"))
	wantOK(t, s.Trash().Put(t.Context(), trashed.ID, ada.ID, later, nil))
	for _, shelf := range []string{models.Wishlist, "!", "a", "a!"} {
		putBook(t, s, models.ShelfKey{UserID: ada.ID, Name: shelf}, emma)
	}
	putReading(t, s, models.ReadingKey{UserID: ada.ID, BookID: emma.ID}, fullUpdate(now))
	putReading(t, s, models.ReadingKey{UserID: ada.ID, BookID: full.ID}, statusUpdate(models.StatusReading, later))
	wantOK(t, s.Readings().PutGoal(t.Context(), ada.ID, 2024, 24))
	returned := lend(t, s, newLoan(emma))
	_, err = s.Loans().Update(t.Context(), returned.ID, models.LoanUpdate{ReturnedAt: &later})
	wantOK(t, err)
	for range 3 {
		lend(t, s, newLoan(emma))
	}

	addSession(t, s, newSession(ada.ID))
	addToken(t, s, newToken(ada.ID))
	running, ended := newKeyed(ada.ID, "running"), newKeyed(ada.ID, "ended")
	beginKeyed(t, s, running, now, running)
	beginKeyed(t, s, ended, now, ended)
	endKeyed(t, s, ended, "\x00\xff answer", later)
	wantOK(t, s.Throttles().Change(t.Context(), "a", addOne))
	addEntry(t, s, newEntry())
	putSourceAnswer(t, s, newSourceAnswer())
	imported := addImport(t, s, newImport(ada.ID))
	wantOK(t, s.Imports().PutBatch(t.Context(), newBatch(imported.ID, 0)))
}

// testRecords copies a store to another one of the same engine.
func testRecords(t *testing.T, open func(t *testing.T) models.Store) {
	from, to := suite{open(t)}, suite{open(t)}
	Fill(t, from)
	for _, c := range models.Collections {
		list := allRecords(t, from, c)
		if len(list) == 0 {
			t.Errorf("Fill stores no %s", c)
		}
		for range 2 { // the second time, all are stored already
			wantOK(t, to.Records().Add(t.Context(), c, list))
		}
		wantEqualList(t, allRecords(t, to, c), list)
		n, err := to.Records().Count(t.Context(), c)
		wantOK(t, err)
		wantEqual(t, n, int64(len(list)))
	}
	wantUsable(t, to)
}

// wantUsable checks that a copy of what Fill stores has everything that is computed from the records.
func wantUsable(t *testing.T, s suite) {
	t.Helper()
	ada, err := s.Users().GetByUsername(t.Context(), "ADA")
	wantOK(t, err)
	_, err = s.Users().GetByEmail(t.Context(), "old@example.com")
	wantCode(t, err, models.NotFound)
	query, err := models.ParseQuery("emma")
	wantOK(t, err)
	books, err := s.Books().List(t.Context(), models.BookFilter{UserID: ada.ID, Query: query, Sort: models.SortCreated, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(books), 2)
	wantCode(t, s.Books().Create(t.Context(), newBook(ada.ID, "Emma")), models.Conflict)
	wantCode(t, s.Loans().Create(t.Context(), newLoan(books[0]), 3), models.Conflict)
	read, err := s.Readings().List(t.Context(), models.ReadingFilter{UserID: ada.ID, Year: 2004, Sort: models.SortFinished, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(read), 1)
}

func allRecords(t *testing.T, s suite, c models.Collection) (list []any) {
	t.Helper()
	for record, err := range s.Records().All(t.Context(), c) {
		wantOK(t, err)
		list = append(list, record)
	}
	return list
}

var recordTests = map[string]func(*testing.T, suite){
	"duplicates of the tutorial are stored":  testDuplicateRecords,
	"all records end when the caller stops":  testStoppedRecords,
	"a store becomes a copy with a mark":     testCopiedMark,
	"records of another type are not stored": testWrongRecord,
}

// Of accounts with one address, and of books with one title, the first is found.
func testDuplicateRecords(t *testing.T, s suite) {
	var users, books, loans []any
	for range 3 {
		users = append(users, newUser("ada@example.com"))
		books = append(books, newBook("0123456789abcdef01234567", "Emma"))
		loans = append(loans, newLoan(books[0].(models.Book)))
	}
	for c, list := range map[models.Collection][]any{
		models.UserRecords: users, models.BookRecords: books, models.LoanRecords: loans,
	} {
		wantOK(t, s.Records().Add(t.Context(), c, list))
		wantEqualList(t, allRecords(t, s, c), list)
	}
	found, err := s.Users().GetByEmail(t.Context(), "ada@example.com")
	wantOK(t, err)
	wantEqual(t, any(found), users[0])
	book := books[2].(models.Book)
	_, _, err = s.Books().Update(t.Context(), book.ID, book.UserID, models.BookUpdate{Title: new("Persuasion"), UpdatedAt: later})
	wantOK(t, err)
}

func testStoppedRecords(t *testing.T, s suite) {
	addOwner(t, s)
	addOwner(t, s)
	for _, err := range s.Records().All(t.Context(), models.UserRecords) {
		wantOK(t, err)
		break
	}
	for _, before := range []int{0, 1} { // records that are read before the context ends
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if before == 0 {
			cancel()
		}
		var errs []error
		for _, err := range s.Records().All(ctx, models.UserRecords) {
			errs = append(errs, err)
			cancel()
		}
		wantEqual(t, len(errs), before+1)
		wantCode(t, errs[before], models.Unavailable)
	}
}

func testCopiedMark(t *testing.T, s suite) {
	wantEqual(t, s.Records().Unfinished(), "")
	const mark = "0123456789abcdef"
	wantOK(t, s.Records().Begin(t.Context(), mark))
	wantEqual(t, s.Records().Unfinished(), mark)
	wantOK(t, s.Records().Finish(t.Context()))
	wantEqual(t, s.Records().Unfinished(), "")
	got, err := s.CoverMark()
	wantOK(t, err)
	wantEqual(t, got, mark)
}

func testWrongRecord(t *testing.T, s suite) {
	wantCode(t, s.Records().Add(t.Context(), models.BookRecords, []any{newUser("ada@example.com")}), models.Internal)
}
