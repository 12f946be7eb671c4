package transfer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bookplate/models"
)

// get returns a book of the account with the account's reading record and loans.
func (s *server) get(id models.ID) (models.Book, models.Reading, []models.LentBook) {
	s.Helper()
	b, err := s.store.Books().Get(s.Context(), id)
	s.must(err)
	r, err := s.store.Readings().Get(s.Context(), models.ReadingKey{UserID: s.user.ID, BookID: id})
	if models.CodeOf(err) != models.NotFound {
		s.must(err)
	}
	loans, err := s.store.Loans().List(s.Context(), models.LoanFilter{BookID: id, Limit: 10})
	s.must(err)
	return b, r, loans
}

// shelf returns the titles of the books on a shelf of the account, read one at a time.
func (s *server) shelf(name string) (titles []string) {
	s.Helper()
	f := models.ShelfFilter{ShelfKey: models.ShelfKey{UserID: s.user.ID, Name: name}, Limit: 1}
	for {
		page, err := s.store.Shelves().Books(s.Context(), f)
		s.must(err)
		if len(page) == 0 {
			return titles
		}
		titles, f.After = append(titles, page[0].Title), page[0].Place
	}
}

// count returns how many rows have each outcome: created, updated, skipped and failed. It leaves out the profile.
func count(rows []models.ImportRow) string {
	var c models.ImportCounts
	c.Add(rows[1:]...)
	return fmt.Sprint(c.Created, c.Updated, c.Skipped, c.Failed)
}

func (s *server) read(b models.Book, up models.ReadingUpdate) {
	s.Helper()
	_, err := s.exporter.Readings.Put(s.Context(), s.user, b, up)
	s.must(err)
	s.reload()
}

// fillAlike adds a book with a reading, loans, a place and a cover to the account in source, and a similar book to the
// account in target. It returns both.
func fillAlike(source, target *server) (from, to models.Book) {
	from = source.addBook(source.user.ID, 1, func(b *models.Book) {
		source.allDetails(b)
		b.Title, b.Description = "Dune, a novel", ""
	})
	source.read(from, models.ReadingUpdate{
		Status: new(models.StatusRead), Rating: new(models.Rating(17)), Reads: &models.Reads{{Finished: 20260109}},
	})
	source.lend(from, "Fay", models.LoanUpdate{ReturnedAt: new(now)})
	source.shelve(from, "wishlist")
	source.shelve(from, "sand")
	to = target.addBook(target.user.ID, 2, func(b *models.Book) {
		b.Title, b.Authors, b.ISBN, b.Tags = "Dune", []string{"Frank Herbert"}, "9780441013593", []string{"old"}
	})
	target.read(to, models.ReadingUpdate{
		Status: new(models.StatusReading), Review: new(models.Review("Mine")), Reads: &models.Reads{{Finished: 20200101}},
	})
	target.lend(to, "Gus", models.LoanUpdate{})
	target.shelve(to, "sand")
	return from, to
}

// An update changes a book of the account to what the archive has, and keeps everything that the archive lacks. The same
// import again changes nothing.
func TestArchiveUpdatesBooks(t *testing.T) {
	t.Parallel()
	for engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			source, target := newServer(t, "sqlite"), newServer(t, engine)
			from, to := fillAlike(source, target)
			file := source.export(ZIP)
			if got := count(target.importAs(file, models.DuplicateUpdate)); got != "2 2 1 0" {
				t.Errorf("the rows are %s", got)
			}
			b, r, loans := target.get(to.ID)
			if b.Title != from.Title || b.Publisher != "Ace" || b.Description != to.Description || strings.Join(b.Tags, "|") != "desert|old|sand, worms" {
				t.Errorf("the book is %+v", b)
			}
			if b.Cover.Name == "" || b.CreatedAt != to.CreatedAt {
				t.Errorf("the book has no cover or another time of creation: %+v", b)
			}
			if r.Status != models.StatusRead || r.Rating != 17 || r.Review != "Mine" || len(r.Reads) != 2 {
				t.Errorf("the reading is %+v", r)
			}
			if len(loans) != 2 || !slices.ContainsFunc(loans, func(l models.LentBook) bool { return l.Borrower == "Fay" && !l.Open() }) {
				t.Errorf("the loans are %+v", loans)
			}
			if got := fmt.Sprint(target.shelf("wishlist"), target.shelf("sand")); got != "[Dune, a novel] [Dune, a novel]" {
				t.Errorf("the shelves have %s", got)
			}
			once := target.export(ZIP)
			if got := count(target.importAs(file, models.DuplicateUpdate)); got != "0 0 5 0" {
				t.Errorf("the rows of the second import are %s", got)
			}
			wantSameArchive(t, target.export(ZIP), once)
			if again, _, _ := target.get(to.ID); again.Cover.Name != b.Cover.Name || again.Version != b.Version {
				t.Errorf("the second import has changed the book to %+v", again)
			}
		})
	}
}

// A book that matches is skipped by default, with all records about it, also if its title is another.
func TestArchiveSkipsBooks(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	_, to := fillAlike(source, target)
	before := target.export(ZIP)
	rows := target.importAs(source.export(ZIP), models.DuplicateSkip)
	if got := count(rows); got != "0 0 5 0" || rows[1].BookID != to.ID || rows[1].Reason != inLibrary {
		t.Errorf("the rows are %s: %+v", got, rows)
	}
	wantSameArchive(t, target.export(ZIP), before)
}

// With add, a book that matches becomes a further book with its own records, unless the account has the same edition.
func TestArchiveAddsBooks(t *testing.T) {
	t.Parallel()
	for engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			source, target := newServer(t, "sqlite"), newServer(t, engine)
			_, to := fillAlike(source, target)
			before, readBefore, _ := target.get(to.ID)
			file := source.export(ZIP)
			if got := count(target.importAs(file, models.DuplicateAdd)); got != "5 0 0 0" {
				t.Errorf("the rows are %s", got)
			}
			b, r, loans := target.get(to.ID)
			if fmt.Sprint(b) != fmt.Sprint(before) || fmt.Sprint(r) != fmt.Sprint(readBefore) || len(loans) != 1 {
				t.Errorf("the account's book is %+v %+v %+v", b, r, loans)
			}
			if got := target.shelf("sand"); len(got) != 2 {
				t.Errorf("the shelf has %s", got)
			}
			once := target.export(ZIP)
			if got := count(target.importAs(file, models.DuplicateAdd)); got != "0 0 5 0" {
				t.Errorf("the rows of the second import are %s", got)
			}
			wantSameArchive(t, target.export(ZIP), once)
		})
	}
}

// An archive of the account itself finds its books by their ids, also if they were changed since the export. A further book
// gets another place on a shelf than the book that it was.
func TestArchiveOfChangedBooks(t *testing.T) {
	t.Parallel()
	for on, want := range map[models.OnDuplicate]struct{ rows, shelf string }{
		models.DuplicateSkip:   {"0 0 2 0", "[Renamed]"},
		models.DuplicateUpdate: {"0 1 1 0", "[Book 1]"},
		models.DuplicateAdd:    {"2 0 0 0", "[Renamed Book 1]"},
	} {
		t.Run(string(on), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, "sqlite")
			b := s.addBook(s.user.ID, 1, func(b *models.Book) { s.addCover(b, 100, 100) })
			s.shelve(b, "wishlist")
			file := s.export(ZIP)
			up := models.BookUpdate{Title: new("Renamed"), Authors: &[]string{"Nobody"}}
			_, _, err := s.store.Books().Update(t.Context(), b.ID, s.user.ID, up)
			s.must(err)
			if got := count(s.importAs(file, on)); got != want.rows {
				t.Errorf("the rows are %s, want %s", got, want.rows)
			}
			if got := fmt.Sprint(s.shelf("wishlist")); got != want.shelf {
				t.Errorf("the shelf has %s, want %s", got, want.shelf)
			}
			if kept, _, _ := s.get(b.ID); kept.Cover.Name != b.Cover.Name {
				t.Errorf("the cover has changed: %+v", kept)
			}
		})
	}
}

// Two books of the archive that are alike are imported as two.
func TestArchiveOfAlikeBooks(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	for n := range 2 {
		source.addBook(source.user.ID, n, func(b *models.Book) { b.ISBN = "9780441013593" })
	}
	file := source.export(ZIP)
	for i, want := range []string{"2 0 0 0", "0 0 2 0"} {
		if got := count(target.importAs(file, models.DuplicateUpdate)); got != want {
			t.Errorf("the rows of import %d are %s, want %s", i, got, want)
		}
	}
	wantSameArchive(t, target.export(ZIP), file)
}

// The records about a book that is updated follow it in any batch of the import, and after an interruption.
func TestArchiveUpdateGoesOn(t *testing.T) {
	t.Parallel()
	const books = batchLines + 50
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	for n := range books {
		b := source.addBook(source.user.ID, n, nil)
		source.read(b, models.ReadingUpdate{Status: new(models.StatusWant)})
		if n%2 == 0 {
			target.addBook(target.user.ID, n, func(b *models.Book) { b.Category = "" })
		}
	}
	target.addBook(target.user.ID, books, nil)
	i := target.start(source.export(ZIP), models.DuplicateUpdate)
	b, err := target.store.Imports().Batch(t.Context(), i.ID, 0)
	target.must(err)
	_, err = target.imports.importArchive(t.Context(), target.user, i, b.Lines[:51])
	target.must(err)
	if got := count(target.finish(i)); got != fmt.Sprint(books/2+books, books/2-25, 25, 0) {
		t.Errorf("the rows are %s", got)
	}
	list, err := target.store.Books().List(t.Context(), models.BookFilter{UserID: target.user.ID, Sort: models.SortCreated, Limit: 2 * books})
	target.must(err)
	read, err := target.store.Readings().List(t.Context(), models.ReadingFilter{UserID: target.user.ID, Sort: models.SortUpdated, Limit: 2 * books})
	target.must(err)
	if len(list) != books+1 || len(read) != books {
		t.Errorf("the account has %d books and %d readings", len(list), len(read))
	}
}

// A list of reads that would be too long stays as it is.
func TestArchiveUpdateKeepsReads(t *testing.T) {
	t.Parallel()
	source, target := newServer(t, "sqlite"), newServer(t, "sqlite")
	_, to := fillAlike(source, target)
	var many models.Reads
	for n := range 100 {
		many = append(many, models.Read{Finished: models.DateOf(now.Add(time.Duration(-n) * 24 * time.Hour))})
	}
	target.read(to, models.ReadingUpdate{Reads: &many})
	rows := target.importAs(source.export(ZIP), models.DuplicateUpdate)
	if got := rows[2].Reason; !strings.HasPrefix(got, "readings.jsonl: reads is left out: it must be at most 100") {
		t.Errorf("the reason is %q", got)
	}
	if _, r, _ := target.get(to.ID); len(r.Reads) != 100 || r.Rating != 17 {
		t.Errorf("the reading is %+v", r)
	}
}
