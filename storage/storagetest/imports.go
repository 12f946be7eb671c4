package storagetest

import (
	"fmt"
	"testing"
	"time"

	"bookplate/models"
)

var importTests = map[string]func(*testing.T, suite){
	"Get returns an import as it was stored":              testImportRoundtrip,
	"texts of an import are stored unchanged":             testImportTexts,
	"an import without an account is not stored":          testImportNoAccount,
	"one of 20 concurrent updates succeeds":               testImportUpdateRace,
	"the list of a user begins with the latest import":    testImportList,
	"unfinished imports of all users are listed":          testImportUnfinished,
	"a batch is stored and replaced":                      testImportBatch,
	"a batch without an import is not stored":             testImportBatchAlone,
	"the imports of a user are deleted":                   testImportDeleteAll,
	"old imports are deleted":                             testImportDeleteOld,
	"books with one of the ISBNs or titles are found":     testAlike,
	"many books are created, without those that conflict": testCreateAll,
	"many books are put on shelves":                       testPutAll,
	"many reading records are created":                    testCreateAllReadings,
	"books that are alike are found after they changed":   testAlikeChanged,
}

func newImport(user models.ID) models.Import {
	return models.Import{
		ID: models.NewID(now), UserID: user, FileName: "books.csv", Format: "goodreads",
		ImportOptions: models.ImportOptions{OnDuplicate: models.DuplicateUpdate, LookUp: true},
		Columns:       []models.ImportColumn{{Name: "Title", Field: "title"}, {Name: "Bookshelves"}},
		State:         models.ImportQueued, Total: 3, Batches: 2, CreatedAt: now,
	}
}

func addImport(t *testing.T, s suite, i models.Import) models.Import {
	t.Helper()
	wantOK(t, s.Imports().Create(t.Context(), i))
	return i
}

func wantImport(t *testing.T, s suite, want models.Import) {
	t.Helper()
	got, err := s.Imports().Get(t.Context(), want.ID)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func testImportRoundtrip(t *testing.T, s suite) {
	i := addImport(t, s, newImport(addOwner(t, s)))
	wantImport(t, s, i)
	wantCode(t, s.Imports().Create(t.Context(), i), models.Conflict)
	after := i
	after.State, after.NextBatch, after.StartedAt = models.ImportRunning, 1, later
	after.Outcomes = models.ImportCounts{Created: 1, Updated: 2, Skipped: 3, Failed: 4}
	wantOK(t, s.Imports().Update(t.Context(), i, after))
	wantImport(t, s, after)
	wantCode(t, s.Imports().Update(t.Context(), i, after), models.Conflict)
	done := after
	done.State, done.Reason, done.FinishedAt = models.ImportFailed, "full", later
	wantOK(t, s.Imports().Update(t.Context(), after, done))
	wantImport(t, s, done)
	unknown := newImport(i.UserID)
	_, err := s.Imports().Get(t.Context(), unknown.ID)
	wantCode(t, err, models.NotFound)
	wantCode(t, s.Imports().Update(t.Context(), unknown, unknown), models.NotFound)
}

func testImportTexts(t *testing.T, s suite) {
	owner := addOwner(t, s)
	for _, text := range hardTexts {
		i := newImport(owner)
		i.FileName, i.Reason, i.Columns = text, text, []models.ImportColumn{{Name: text, Field: "title"}}
		wantImport(t, s, addImport(t, s, i))
		b := models.ImportBatch{
			ImportID: i.ID, Lines: []models.ImportLine{{Number: 2, BookID: models.NewID(now), Cells: []string{text, ""}}},
			Rows: []models.ImportRow{{Line: 2, Outcome: models.RowFailed, Reason: text, Title: text}},
		}
		wantBatch(t, s, putBatch(t, s, b))
	}
}

func testImportNoAccount(t *testing.T, s suite) {
	i := newImport(models.NewID(now))
	wantNoAccount(t, s.Imports().Create(t.Context(), i))
	_, err := s.Imports().Get(t.Context(), i.ID)
	wantCode(t, err, models.NotFound)
}

func testImportUpdateRace(t *testing.T, s suite) {
	before := addImport(t, s, newImport(addOwner(t, s)))
	wantOneSuccess(t, concurrently(20, func(int) error {
		after := before
		after.NextBatch++
		return s.Imports().Update(t.Context(), before, after)
	}))
}

// importIDs returns the ids of all pages of a list, two imports a page.
func importIDs(t *testing.T, s suite, user models.ID) (ids []models.ID) {
	t.Helper()
	f := models.ImportFilter{UserID: user, Limit: 2}
	for {
		page, err := s.Imports().List(t.Context(), f)
		wantOK(t, err)
		for _, i := range page {
			ids = append(ids, i.ID)
			f.After = i.ID
			wantImport(t, s, i)
		}
		if len(page) < f.Limit {
			return ids
		}
	}
}

func testImportList(t *testing.T, s suite) {
	ada, bob := addOwner(t, s), addOwner(t, s)
	var want []models.ID
	for _, state := range []models.ImportState{
		models.ImportQueued, models.ImportReceiving, models.ImportRunning, models.ImportDone, models.ImportCancelled,
	} {
		i := newImport(ada)
		if i.State = state; state == models.ImportDone {
			i.FinishedAt = later
		}
		if addImport(t, s, i); state != models.ImportReceiving {
			want = append([]models.ID{i.ID}, want...)
		}
	}
	addImport(t, s, newImport(bob))
	wantEqualList(t, importIDs(t, s, ada), want)
}

func testImportUnfinished(t *testing.T, s suite) {
	var want []models.ID
	for _, state := range []models.ImportState{
		models.ImportQueued, models.ImportReceiving, models.ImportRunning, models.ImportDone, models.ImportCancelled,
	} {
		i := newImport(addOwner(t, s))
		i.State = state
		if state == models.ImportDone {
			i.FinishedAt = later
		}
		addImport(t, s, i)
		if state != models.ImportReceiving && state != models.ImportDone {
			want = append(want, i.ID)
		}
	}
	wantEqualList(t, importIDs(t, s, ""), want)
}

func putBatch(t *testing.T, s suite, b models.ImportBatch) models.ImportBatch {
	t.Helper()
	wantOK(t, s.Imports().PutBatch(t.Context(), b))
	return b
}

func wantBatch(t *testing.T, s suite, want models.ImportBatch) {
	t.Helper()
	got, err := s.Imports().Batch(t.Context(), want.ImportID, want.Number)
	wantOK(t, err)
	wantEqual(t, got, want)
}

func newBatch(importID models.ID, number int) models.ImportBatch {
	return models.ImportBatch{ImportID: importID, Number: number, Lines: []models.ImportLine{
		{Number: 2, BookID: models.NewID(now), LoanID: models.NewID(now), Cells: []string{"Emma", "Jane Austen"}},
		{Number: 4, BookID: models.NewID(now), LoanID: models.NewID(now), Cells: []string{"two\nlines"}},
	}}
}

func testImportBatch(t *testing.T, s suite) {
	i := addImport(t, s, newImport(addOwner(t, s)))
	first, second := putBatch(t, s, newBatch(i.ID, 0)), putBatch(t, s, newBatch(i.ID, 1))
	wantBatch(t, s, first)
	first.Lines = nil
	first.Rows = []models.ImportRow{{Line: 2, Outcome: models.RowCreated, BookID: models.NewID(now), Title: "Emma"}}
	wantBatch(t, s, putBatch(t, s, first))
	wantBatch(t, s, second)
	_, err := s.Imports().Batch(t.Context(), i.ID, 2)
	wantCode(t, err, models.NotFound)
}

func testImportBatchAlone(t *testing.T, s suite) {
	b := newBatch(models.NewID(now), 0)
	wantCode(t, s.Imports().PutBatch(t.Context(), b), models.NotFound)
	_, err := s.Imports().Batch(t.Context(), b.ImportID, b.Number)
	wantCode(t, err, models.NotFound)
}

// wantNoImport checks that an import and its first batch are not stored.
func wantNoImport(t *testing.T, s suite, id models.ID) {
	t.Helper()
	_, err := s.Imports().Get(t.Context(), id)
	wantCode(t, err, models.NotFound)
	_, err = s.Imports().Batch(t.Context(), id, 0)
	wantCode(t, err, models.NotFound)
}

func testImportDeleteAll(t *testing.T, s suite) {
	ada, bob := addOwner(t, s), addOwner(t, s)
	gone, kept := addImport(t, s, newImport(ada)), addImport(t, s, newImport(bob))
	putBatch(t, s, newBatch(gone.ID, 0))
	b := putBatch(t, s, newBatch(kept.ID, 0))
	wantOK(t, s.Imports().DeleteAll(t.Context(), ada))
	wantNoImport(t, s, gone.ID)
	wantImport(t, s, kept)
	wantBatch(t, s, b)
}

func testImportDeleteOld(t *testing.T, s suite) {
	owner := addOwner(t, s)
	add := func(state models.ImportState, created, finished time.Time) models.ID {
		i := newImport(owner)
		i.State, i.CreatedAt, i.FinishedAt = state, created, finished
		addImport(t, s, i)
		putBatch(t, s, newBatch(i.ID, 0))
		return i.ID
	}
	old := []models.ID{
		add(models.ImportDone, now, later.Add(-time.Millisecond)), add(models.ImportReceiving, now.Add(-time.Millisecond), time.Time{}),
	}
	kept := []models.ID{
		add(models.ImportDone, now, later), add(models.ImportReceiving, now, time.Time{}), add(models.ImportQueued, now.Add(-time.Hour), time.Time{}),
	}
	for _, want := range []int64{2, 0} {
		n, err := s.Imports().DeleteOld(t.Context(), later, now)
		wantOK(t, err)
		wantEqual(t, n, want)
	}
	for _, id := range old {
		wantNoImport(t, s, id)
	}
	for _, id := range kept {
		_, err := s.Imports().Batch(t.Context(), id, 0)
		wantOK(t, err)
	}
}

// wantAlike checks which books an owner has with the ISBNs and the titles, as a sorted list of ids.
func wantAlike(t *testing.T, s suite, owner models.ID, isbns, titles []string, want ...models.Book) {
	t.Helper()
	got, err := s.Books().Alike(t.Context(), owner, isbns, titles)
	wantOK(t, err)
	byID := map[models.ID]models.Book{}
	for _, b := range got {
		byID[b.ID] = b
	}
	wantEqual(t, len(got), len(want))
	for _, b := range want {
		wantEqual(t, byID[b.ID], b)
	}
}

func testAlike(t *testing.T, s suite) {
	ada, bob := addOwner(t, s), addOwner(t, s)
	emma, verne := newBook(ada, "  Emma"), newBook(ada, "L'Île d'or")
	emma.ISBN, verne.Authors = someISBN, []string{"Jules Verne"}
	emma, verne = addBook(t, s, emma), addBook(t, s, verne)
	other := newBook(bob, "Emma")
	other.ISBN = someISBN
	addBook(t, s, other)
	addBook(t, s, newBook(ada, "Emma's Diary"))
	wantAlike(t, s, ada, nil, nil)
	wantAlike(t, s, ada, []string{someISBN}, nil, emma)
	wantAlike(t, s, ada, []string{someISBN, "9780141439976"}, []string{"emma", "l'ile d'or"}, emma, verne)
	wantAlike(t, s, ada, nil, []string{"l'ile d'or", "Emma"}, verne)
	wantAlike(t, s, bob, []string{"9780141439976"}, []string{"emma"}, other)
}

func testAlikeChanged(t *testing.T, s suite) {
	b := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	_, b, err := s.Books().Update(t.Context(), b.ID, b.UserID, models.BookUpdate{
		Title: new("Persuasion"), ISBN: new(someISBN), UpdatedAt: later,
	})
	wantOK(t, err)
	wantAlike(t, s, b.UserID, nil, []string{"emma"})
	wantAlike(t, s, b.UserID, []string{someISBN}, []string{"persuasion"}, b)
}

func testCreateAll(t *testing.T, s suite) {
	ada := addOwner(t, s)
	emma := addBook(t, s, newBook(ada, "Emma"))
	list := []models.Book{newBook(ada, "Emma"), newBook(ada, "Persuasion"), newBook(ada, "Persuasion"), newBook(ada, "Sanditon"), emma}
	conflicts, err := s.Books().CreateAll(t.Context(), ada, list)
	wantOK(t, err)
	wantEqualList(t, conflicts, []int{0, 2, 4})
	for _, b := range []models.Book{emma, list[1], list[3]} {
		got, err := s.Books().Get(t.Context(), b.ID)
		wantOK(t, err)
		wantEqual(t, got, b)
	}
	n, err := s.Books().Count(t.Context(), models.BookFilter{UserID: ada})
	wantOK(t, err)
	wantEqual(t, n, 3)
	conflicts, err = s.Books().CreateAll(t.Context(), ada, nil)
	wantOK(t, err)
	wantEqual(t, len(conflicts), 0)
	orphan := newBook(models.NewID(now), "Emma")
	_, err = s.Books().CreateAll(t.Context(), orphan.UserID, []models.Book{orphan})
	wantNoAccount(t, err)
	_, err = s.Books().Get(t.Context(), orphan.ID)
	wantCode(t, err, models.NotFound)
}

func testCreateAllReadings(t *testing.T, s suite) {
	ada := addOwner(t, s)
	emma, persuasion := addBook(t, s, newBook(ada, "Emma")), addBook(t, s, newBook(ada, "Persuasion"))
	kept := putReading(t, s, models.ReadingKey{UserID: ada, BookID: emma.ID}, fullUpdate(now))
	reading := func(b models.ID) models.Reading {
		return fullUpdate(later).Apply(models.Reading{ReadingKey: models.ReadingKey{UserID: ada, BookID: b}, CreatedAt: later})
	}
	deleted := models.NewID(now)
	list := []models.Reading{reading(emma.ID), reading(persuasion.ID), reading(deleted)}
	wantOK(t, s.Readings().CreateAll(t.Context(), ada, list))
	for _, want := range []models.Reading{kept, list[1]} {
		got, err := s.Readings().Get(t.Context(), want.ReadingKey)
		wantOK(t, err)
		wantEqual(t, got, want)
	}
	wantNoReading(t, s, list[2].ReadingKey)

	wantOK(t, s.Trash().Put(t.Context(), emma.ID, ada, later, nil))
	wantOK(t, s.Readings().CreateAll(t.Context(), ada, list[:1]))
	_, err := s.Trash().Restore(t.Context(), emma.ID, ada)
	wantOK(t, err)
	got, err := s.Readings().Get(t.Context(), kept.ReadingKey)
	wantOK(t, err)
	wantEqual(t, got, kept)

	page, err := s.Readings().List(t.Context(), models.ReadingFilter{UserID: ada, Sort: models.SortFinished, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(page), 2)
	list[1].UserID = models.NewID(now)
	wantNoAccount(t, s.Readings().CreateAll(t.Context(), list[1].UserID, list[1:2]))
	wantNoReading(t, s, list[1].ReadingKey)
}

func testPutAll(t *testing.T, s suite) {
	ada := addOwner(t, s)
	var list []models.ShelfEntry
	for i, name := range []string{"a", "b", "a", "c", "a", "b"} {
		b := addBook(t, s, newBook(ada, fmt.Sprint(i)))
		list = append(list, models.ShelfEntry{Shelf: name, BookID: b.ID, Place: models.NewPlace(now)})
	}
	limits := models.ShelfLimits{Shelves: 2, Books: 4}
	full, err := s.Shelves().PutAll(t.Context(), ada, list, limits)
	wantOK(t, err)
	wantEqualList(t, full, []int{3, 5})
	wantShelves(t, s, ada, models.Shelf{Name: "a", Books: 3}, models.Shelf{Name: "b", Books: 1})
	list[0].Place = models.NewPlace(later)
	deleted := models.ShelfEntry{Shelf: "b", BookID: models.NewID(now), Place: models.NewPlace(now)}
	_, err = s.Shelves().PutAll(t.Context(), ada, append(list[:1:1], deleted), highLimits)
	wantOK(t, err)
	page, err := s.Shelves().Books(t.Context(), models.ShelfFilter{ShelfKey: models.ShelfKey{UserID: ada, Name: "a"}, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(page), 3)
	wantEqual(t, page[0].ID, list[0].BookID)
	wantShelves(t, s, ada, models.Shelf{Name: "a", Books: 3}, models.Shelf{Name: "b", Books: 1})
	_, err = s.Shelves().PutAll(t.Context(), models.NewID(now), list, highLimits)
	wantNoAccount(t, err)
}
