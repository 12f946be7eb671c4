package storagetest

import (
	"testing"
	"time"

	"bookplate/models"
)

var trashTests = map[string]func(*testing.T, suite){
	"a book is restored as it was":                     testTrashRoundtrip,
	"a book in the trash is not found":                 testTrashHidden,
	"what users have stored about a book is hidden":    testTrashHidesMore,
	"loans and places of books in the trash are read":  testTrashKept,
	"the title of a book in the trash is free":         testTrashTitle,
	"the trash belongs to its owner":                   testTrashOwner,
	"only a version that is named moves to the trash":  testTrashVersion,
	"the trash is read in pages":                       testTrashPages,
	"a book is deleted from the trash":                 testTrashDelete,
	"the trash is emptied in batches":                  testTrashDeleteAll,
	"a book is restored or deleted":                    testTrashRace,
	"a book that moves to the trash loses nothing":     testTrashKeepsWrites,
	"nothing is restored without an account":           testTrashNoAccount,
	"of 20 concurrent moves to the trash one succeeds": testTrashPutRace,
}

// trashedBook returns b as the trash stores it.
func trashedBook(b models.Book, at time.Time) models.Book {
	b.TrashedAt = at
	return b
}

// putTrash moves a book to the trash and returns the book as the trash stores it.
func putTrash(t *testing.T, s suite, b models.Book, at time.Time) models.Book {
	t.Helper()
	wantOK(t, s.Trash().Put(t.Context(), b.ID, b.UserID, at, nil))
	return trashedBook(b, at)
}

func restore(t *testing.T, s suite, b models.Book) models.Book {
	t.Helper()
	got, err := s.Trash().Restore(t.Context(), b.ID, b.UserID)
	wantOK(t, err)
	return got
}

// wantTrash checks the books in an owner's trash. It reads them in pages of one and of ten.
func wantTrash(t *testing.T, s suite, owner models.ID, want ...models.Book) {
	t.Helper()
	for _, limit := range []int{1, 10} {
		var got []models.Book
		f := models.TrashFilter{UserID: owner, Limit: limit}
		for range maxPages {
			page, err := s.Trash().List(t.Context(), f)
			wantOK(t, err)
			if got = append(got, page...); len(page) < limit {
				break
			}
			f.After = new(models.TrashCursor(page[limit-1]))
		}
		wantEqualList(t, got, want)
	}
}

func wantNotInTrash(t *testing.T, s suite, b models.Book) {
	t.Helper()
	_, err := s.Trash().Get(t.Context(), b.ID)
	wantCode(t, err, models.NotFound)
}

func testTrashRoundtrip(t *testing.T, s suite) {
	plain := newBook(addOwner(t, s), "Emma")
	full := newBook(addOwner(t, s), "The Time Machine")
	full.BookDetails = details
	legacy := newBook(addOwner(t, s), "Persuasion")
	legacy.Cover, legacy.ImageURL, legacy.CreatedAt, legacy.UpdatedAt = models.Cover{}, "http://localhost:5000/c.jpg", time.Time{}, time.Time{}
	for _, b := range []models.Book{plain, full, legacy} {
		addBook(t, s, b)
		lend(t, s, newLoan(b))
		_, b, err := s.Books().Update(t.Context(), b.ID, b.UserID, models.BookUpdate{Category: new("horror"), UpdatedAt: later})
		wantOK(t, err)
		b = getBook(t, s, b.ID)
		at := later.Add(time.Hour)
		wantOK(t, s.Trash().Put(t.Context(), b.ID, b.UserID, at.Add(456*time.Nanosecond).In(time.FixedZone("", 60)), nil))
		got, err := s.Trash().Get(t.Context(), b.ID)
		wantOK(t, err)
		wantEqual(t, got, trashedBook(b, at))
		wantEqual(t, restore(t, s, b), b)
		wantEqual(t, getBook(t, s, b.ID), b)
		wantNotInTrash(t, s, b)
		wantTrash(t, s, b.UserID)
		_, err = s.Trash().Restore(t.Context(), b.ID, b.UserID)
		wantCode(t, err, models.NotFound)
		wantCode(t, s.Books().Create(t.Context(), newEdition(b)), models.Conflict)
	}
}

// newEdition returns another book of the same owner with the same title and details as b.
func newEdition(b models.Book) models.Book {
	other := newBook(b.UserID, b.Title)
	other.BookDetails = b.BookDetails
	return other
}

func testTrashHidden(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Persuasion")
	hidden, owner := books[0], books[0].UserID
	putTrash(t, s, hidden, later)
	_, err := s.Books().Get(t.Context(), hidden.ID)
	wantCode(t, err, models.NotFound)
	for _, up := range []models.BookUpdate{{Category: new("horror")}, {Title: new("Emma II")}, {Category: new("horror"), IfVersion: models.Versions{0}}} {
		_, _, err = s.Books().Update(t.Context(), hidden.ID, owner, up)
		wantCode(t, err, models.NotFound)
	}
	for _, versions := range []models.Versions{nil, {0}} {
		_, err = s.Books().Delete(t.Context(), hidden.ID, owner, versions)
		wantCode(t, err, models.NotFound)
		wantCode(t, s.Trash().Put(t.Context(), hidden.ID, owner, later, versions), models.NotFound)
	}
	wantCode(t, s.Books().Create(t.Context(), hidden), models.Conflict) // its id is taken
	wantCode(t, s.Loans().Create(t.Context(), newLoan(hidden), 1), models.NotFound)
	_, err = s.Shelves().Put(t.Context(), wishlistOf(owner), hidden.ID, models.NewPlace(now), highLimits)
	wantCode(t, err, models.NotFound)
	for _, f := range []models.BookFilter{{}, {UserID: owner}, {Category: "poetry"}, {UserID: owner, Category: "poetry"}} {
		n, err := s.Books().Count(t.Context(), f)
		wantOK(t, err)
		wantEqual(t, n, 1)
		for _, f.Sort = range models.BookSorts {
			f.Limit = 10
			list, err := s.Books().List(t.Context(), f)
			wantOK(t, err)
			wantEqualList(t, list, books[1:])
		}
	}
	for _, owner := range []models.ID{"", owner} {
		facets, err := s.Books().Facets(t.Context(), models.BookFilter{UserID: owner})
		wantOK(t, err)
		wantEqual(t, facets[models.FieldCategory], []models.ValueCount{{Value: "poetry", Books: 1}})
	}
	deleted, err := s.Books().DeleteOwned(t.Context(), owner, 9)
	wantOK(t, err)
	wantEqualList(t, deleted, books[1:])
}

// testTrashHidesMore checks that shelves, reading records, loans, statistics and reminders do not show a book in the trash,
// and show it again when it is restored.
func testTrashHidesMore(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Persuasion")
	hidden, shown := books[0], books[1]
	reader := addOwner(t, s)
	readings := map[models.ID]models.Reading{}
	loans := map[models.ID]models.Loan{}
	for _, b := range books {
		putBook(t, s, wishlistOf(reader), b)
		readings[b.ID] = putReading(t, s, models.ReadingKey{UserID: reader, BookID: b.ID}, fullUpdate(now))
		l := newLoan(b)
		l.BorrowerID = reader
		loans[b.ID] = lend(t, s, l)
	}
	hidden, shown = getBook(t, s, hidden.ID), getBook(t, s, shown.ID)
	putBook(t, s, models.ShelfKey{UserID: reader, Name: "other"}, hidden)
	wantSeen := func(list ...models.Book) {
		t.Helper()
		wantShelf(t, s, wishlistOf(reader), 10, list...)
		stats := models.ReadingStats{
			Finished:   map[models.Month]models.ReadCount{200402: {Books: len(list)}, 201101: {Books: len(list)}},
			Ratings:    map[models.Rating]int{17: len(list)},
			Categories: []models.NameCount{{Name: "poetry", Books: len(list)}},
		}
		wantStats(t, s, reader, 2004, stats)
		var wantBooks []models.Book
		var lent []models.Loan
		for _, b := range list {
			b.Reading = new(readings[b.ID])
			wantBooks = append(wantBooks, b)
			lent = append([]models.Loan{loans[b.ID]}, lent...)
		}
		wantEqualList(t, readReadings(t, s, models.ReadingFilter{UserID: reader, Sort: models.SortUpdated, Limit: 1}), wantBooks)
		wantLoans(t, s, models.LoanFilter{BorrowerID: reader}, lent...)
		wantLoans(t, s, models.LoanFilter{LenderID: shown.UserID}, lent...)
		for _, limit := range []int{1, 2} {
			due, err := s.Loans().ToRemind(t.Context(), models.ReminderFilter{Soon: 20240601, Limit: limit})
			wantOK(t, err)
			wantEqual(t, len(due), min(limit, len(list)))
			wantEqual(t, due[len(due)-1], lent[max(0, len(list)-limit)])
		}
	}
	wantSeen(hidden, shown)
	putTrash(t, s, hidden, later)
	wantSeen(shown)
	wantShelves(t, s, reader, models.Shelf{Name: models.Wishlist, Books: 1})
	_, err := s.Shelves().Get(t.Context(), wishlistOf(reader), hidden.ID)
	wantCode(t, err, models.NotFound)
	_, err = s.Loans().Get(t.Context(), loans[hidden.ID].ID)
	wantCode(t, err, models.NotFound)
	_, err = s.Loans().Update(t.Context(), loans[hidden.ID].ID, models.LoanUpdate{ReturnedAt: new(later)})
	wantCode(t, err, models.NotFound)
	wantLoans(t, s, models.LoanFilter{BookID: hidden.ID})

	wantEqual(t, restore(t, s, hidden), hidden)
	wantSeen(hidden, shown)
	wantShelves(t, s, reader, models.Shelf{Name: "other", Books: 1}, models.Shelf{Name: models.Wishlist, Books: 2})
}

// testTrashKept checks that the loans and the places of a user's books can be read while the books are in the trash.
func testTrashKept(t *testing.T, s suite) {
	books := addBooks(t, s, "Emma", "Persuasion", "Sanditon")
	owner, reader := books[0].UserID, addOwner(t, s)
	var loans []models.Loan
	for _, b := range books {
		loans = append(loans, lend(t, s, newLoan(b)))
	}
	loans = append(loans, lend(t, s, newLoan(books[0])))
	loans[0] = returnLoan(t, s, loans[0])
	var places []models.ShelfEntry
	for i, shelf := range []string{"b", "a", "b"} {
		place := models.NewPlace(now.Add(-time.Duration(i) * time.Hour))
		b := books[i/2]
		_, err := s.Shelves().Put(t.Context(), models.ShelfKey{UserID: owner, Name: shelf}, b.ID, place, highLimits)
		wantOK(t, err)
		places = append(places, models.ShelfEntry{Shelf: shelf, BookID: b.ID, Place: place})
	}
	for _, b := range books {
		b = getBook(t, s, b.ID)
		putBook(t, s, wishlistOf(reader), b)
		putTrash(t, s, b, later)
	}
	wanted := []models.ID{books[0].ID, books[1].ID, models.NewID(now)}
	gotLoans, err := s.Trash().Loans(t.Context(), owner, wanted)
	wantOK(t, err)
	wantEqualList(t, gotLoans, []models.Loan{loans[3], loans[1], loans[0]})
	gotPlaces, err := s.Trash().Places(t.Context(), owner, wanted)
	wantOK(t, err)
	wantEqualList(t, gotPlaces, []models.ShelfEntry{places[1], places[2], places[0]})

	gotLoans, err = s.Trash().Loans(t.Context(), reader, wanted)
	wantOK(t, err)
	wantEqual(t, len(gotLoans), 0)
	gotPlaces, err = s.Trash().Places(t.Context(), reader, wanted[:1])
	wantOK(t, err)
	wantEqual(t, len(gotPlaces), 1)
}

func testTrashTitle(t *testing.T, s suite) {
	first := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	putTrash(t, s, first, later)
	second := addBook(t, s, newBook(first.UserID, "Emma"))
	_, err := s.Trash().Restore(t.Context(), first.ID, first.UserID)
	wantCode(t, err, models.Conflict)
	wantTrash(t, s, first.UserID, trashedBook(first, later))
	wantEqual(t, getBook(t, s, second.ID), second)

	putTrash(t, s, second, later.Add(time.Hour)) // one may have several books of a title in the trash
	wantTrash(t, s, first.UserID, trashedBook(second, later.Add(time.Hour)), trashedBook(first, later))
	wantEqual(t, restore(t, s, first), first)
	_, err = s.Trash().Restore(t.Context(), second.ID, second.UserID)
	wantCode(t, err, models.Conflict)
	_, _, err = s.Books().Update(t.Context(), first.ID, first.UserID, models.BookUpdate{Title: new("Emma I"), UpdatedAt: later})
	wantOK(t, err)
	wantEqual(t, restore(t, s, second), second)
}

func testTrashOwner(t *testing.T, s suite) {
	b := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	stranger := addOwner(t, s)
	wantCode(t, s.Trash().Put(t.Context(), b.ID, stranger, later, nil), models.NotFound)
	wantEqual(t, getBook(t, s, b.ID), b)
	in := putTrash(t, s, b, later)
	_, err := s.Trash().Restore(t.Context(), b.ID, stranger)
	wantCode(t, err, models.NotFound)
	_, err = s.Trash().Delete(t.Context(), b.ID, stranger)
	wantCode(t, err, models.NotFound)
	gone, err := s.Trash().DeleteAll(t.Context(), models.TrashFilter{UserID: stranger, Limit: 9})
	wantOK(t, err)
	wantEqual(t, len(gone), 0)
	wantTrash(t, s, stranger)
	wantTrash(t, s, b.UserID, in)
}

func testTrashVersion(t *testing.T, s suite) {
	b := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	for _, versions := range []models.Versions{{}, {1}} {
		wantCode(t, s.Trash().Put(t.Context(), b.ID, b.UserID, later, versions), models.PreconditionFailed)
	}
	wantEqual(t, getBook(t, s, b.ID), b)
	wantOK(t, s.Trash().Put(t.Context(), b.ID, b.UserID, later, models.Versions{1, 0}))
	wantTrash(t, s, b.UserID, trashedBook(b, later))
}

func testTrashPages(t *testing.T, s suite) {
	books := addBooks(t, s, "a", "b", "c", "d")
	for i, at := range []time.Time{later, now, later, now.Add(time.Millisecond)} {
		books[i] = putTrash(t, s, books[i], at)
	}
	putTrash(t, s, addBooks(t, s, "e")[0], later)
	wantTrash(t, s, books[0].UserID, books[2], books[0], books[3], books[1])
}

func testTrashDelete(t *testing.T, s suite) {
	b := addBook(t, s, newBook(addOwner(t, s), "Emma"))
	key := models.ReadingKey{UserID: b.UserID, BookID: b.ID}
	reading := putReading(t, s, key, fullUpdate(now))
	putBook(t, s, wishlistOf(b.UserID), b)
	_, err := s.Trash().Delete(t.Context(), b.ID, b.UserID)
	wantCode(t, err, models.NotFound) // it is not in the trash
	in := putTrash(t, s, b, later)
	used, err := s.Books().Covers(t.Context(), []string{b.Cover.Name, "other"})
	wantOK(t, err)
	wantEqual(t, used, []string{b.Cover.Name})
	wantReading(t, s, reading)

	got, err := s.Trash().Delete(t.Context(), b.ID, b.UserID)
	wantOK(t, err)
	wantEqual(t, got, in)
	wantTrash(t, s, b.UserID)
	wantNoReading(t, s, key)
	used, err = s.Books().Covers(t.Context(), []string{b.Cover.Name})
	wantOK(t, err)
	wantEqual(t, len(used), 0)
	_, err = s.Trash().Restore(t.Context(), b.ID, b.UserID)
	wantCode(t, err, models.NotFound)
	addBook(t, s, b)
	wantShelf(t, s, wishlistOf(b.UserID), 9)
}

func testTrashDeleteAll(t *testing.T, s suite) {
	mine, others := addBooks(t, s, "a", "b", "c", "d"), addBooks(t, s, "a", "b")
	for i, b := range mine[:3] {
		putTrash(t, s, b, later.Add(time.Duration(i)*time.Hour))
	}
	putTrash(t, s, others[0], now)
	wantDeleted := func(f models.TrashFilter, want ...int) {
		t.Helper()
		f.Limit = 2
		for _, n := range want {
			gone, err := s.Trash().DeleteAll(t.Context(), f)
			wantOK(t, err)
			wantEqual(t, len(gone), n)
			for _, b := range gone {
				wantEqual(t, b.Cover, mine[0].Cover)
			}
		}
	}
	wantDeleted(models.TrashFilter{Until: later.Add(-time.Millisecond)}, 1, 0)
	wantTrash(t, s, others[0].UserID)
	wantDeleted(models.TrashFilter{UserID: mine[0].UserID, Until: later}, 1, 0)
	wantDeleted(models.TrashFilter{UserID: others[0].UserID}, 0)
	wantDeleted(models.TrashFilter{UserID: mine[0].UserID}, 2, 0)
	wantTrash(t, s, mine[0].UserID)
	wantEqual(t, getBook(t, s, mine[3].ID), mine[3])
	wantEqual(t, getBook(t, s, others[1].ID), others[1])
}

// If a book is restored and deleted from the trash at the same time, only one of the two succeeds.
func testTrashRace(t *testing.T, s suite) {
	for i := range 20 {
		b := addBook(t, s, newBook(addOwner(t, s), "Emma"))
		putTrash(t, s, b, later)
		deleted := 0
		errs := concurrently(3, func(n int) error {
			if n == 0 {
				_, err := s.Trash().Restore(t.Context(), b.ID, b.UserID)
				return err
			}
			if i%2 == 0 {
				_, err := s.Trash().Delete(t.Context(), b.ID, b.UserID)
				return err
			}
			gone, err := s.Trash().DeleteAll(t.Context(), models.TrashFilter{Limit: 9})
			if err == nil && len(gone) == 0 {
				err = &models.Error{Code: models.NotFound}
			}
			return err
		})
		for _, err := range errs[1:] {
			if err == nil {
				deleted++
				continue
			}
			wantCode(t, err, models.NotFound)
		}
		_, err := s.Books().Get(t.Context(), b.ID)
		wantEqual(t, errs[0] == nil, err == nil)
		wantEqual(t, deleted == 0, err == nil)
	}
}

// A reading record, a loan and a place on a shelf are kept even if they are stored while the book is moved to the trash.
func testTrashKeepsWrites(t *testing.T, s suite) {
	for range 20 {
		b := addBooks(t, s, "Emma")[0]
		key := models.ReadingKey{UserID: b.UserID, BookID: b.ID}
		putReading(t, s, key, fullUpdate(now))
		l := newLoan(b)
		errs := concurrently(4, func(i int) error {
			switch i {
			case 0:
				return s.Trash().Put(t.Context(), b.ID, b.UserID, later, nil)
			case 1:
				_, err := s.Readings().Put(t.Context(), key, statusUpdate(models.StatusAbandoned, later))
				return err
			case 2:
				return s.Loans().Create(t.Context(), l, 1)
			default:
				_, err := s.Shelves().Put(t.Context(), wishlistOf(b.UserID), b.ID, models.NewPlace(now), highLimits)
				return err
			}
		})
		wantOK(t, errs[0])
		for _, err := range errs[1:] {
			if err != nil {
				wantCode(t, err, models.NotFound)
			}
		}
		restore(t, s, b)
		want := models.StatusRead
		if errs[1] == nil {
			want = models.StatusAbandoned
		}
		r, err := s.Readings().Get(t.Context(), key)
		wantOK(t, err)
		wantEqual(t, r.Status, want)
		open := 0
		if errs[2] == nil {
			open = 1
		}
		wantOpen(t, s, b, open)
		if errs[3] == nil {
			wantShelf(t, s, wishlistOf(b.UserID), 9, getBook(t, s, b.ID))
		}
	}
}

func testTrashNoAccount(t *testing.T, s suite) {
	b := addBooks(t, s, "Emma")[0]
	putTrash(t, s, b, later)
	wantOK(t, s.Users().Delete(t.Context(), b.UserID))
	_, err := s.Trash().Restore(t.Context(), b.ID, b.UserID)
	wantNoAccount(t, err)
	_, err = s.Books().Get(t.Context(), b.ID)
	wantCode(t, err, models.NotFound)
}

func testTrashPutRace(t *testing.T, s suite) {
	b := addBooks(t, s, "Emma")[0]
	moved := 0
	for _, err := range concurrently(20, func(i int) error {
		var versions models.Versions
		if i%2 == 0 {
			versions = models.Versions{0}
		}
		return s.Trash().Put(t.Context(), b.ID, b.UserID, later, versions)
	}) {
		if err == nil {
			moved++
			continue
		}
		wantCode(t, err, models.NotFound)
	}
	wantEqual(t, moved, 1)
	wantTrash(t, s, b.UserID, trashedBook(b, later))
}
