package transfer

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"bookplate/covers"
	"bookplate/library"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/storagetest"
)

// now is the time of every server in these tests.
var now = time.Date(2026, time.November, 26, 3, 4, 5, 678_000_000, time.UTC)

// server is a library with an account, on one of the engines.
type server struct {
	testing.TB
	store    models.Store
	covers   *covers.Covers
	books    *library.Books
	exporter *Exporter
	imports  *Imports
	log      *bytes.Buffer
	user     models.User
}

// engines maps each engine to a function that returns the URL of a new database.
var engines = map[string]func(t testing.TB) string{
	"sqlite": func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "bookplate.db") },
	"mongo":  storagetest.MongoURL,
}

func newServer(t testing.TB, engine string) *server {
	t.Helper()
	s := &server{TB: t, log: &bytes.Buffer{}}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	url := engines[engine](t)
	store, err := storage.Open(t.Context(), url, log)
	s.must(err)
	t.Cleanup(func() { _ = store.Close() })
	for store.Ping(t.Context()) != nil { // a MongoDB store creates its indexes first
		time.Sleep(10 * time.Millisecond)
	}
	dir := t.TempDir()
	blobs, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: "disk:" + dir, DatabaseURL: url})
	s.must(err)
	t.Cleanup(func() { _ = blobs.Close() })
	s.store = store
	s.covers = covers.New(blobs, covers.Options{Mark: store.CoverMark, Sizes: []int{600}, MaxPixels: 1 << 24, Memory: 1 << 28})
	clock := func() time.Time { return now }
	s.books = &library.Books{Store: store.Books(), Covers: s.covers, Trash: store.Trash(), CoverBudget: time.Minute, Log: log, Now: clock}
	s.exporter = &Exporter{
		Books: s.books, Covers: s.covers, Version: "1.2.3", Log: log, Now: clock,
		Readings: &library.Readings{Store: store.Readings(), Users: store.Users(), Books: s.books, Now: clock},
		Shelves:  &library.Shelves{Store: store.Shelves(), Books: s.books, Now: clock},
		Loans:    &library.Loans{Store: store.Loans(), Now: clock},
	}
	s.imports = &Imports{
		Store: store, Books: s.books, Readings: s.exporter.Readings, Shelves: s.exporter.Shelves,
		Categories: models.DefaultCategories, Log: log, Now: clock,
	}
	s.user = s.addUser("ada@example.com")
	return s
}

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *server) addUser(email string) models.User {
	s.Helper()
	u := models.User{
		ID: models.NewID(now), Name: "Ada Lovelace", FirstName: "Ada", Email: email, PasswordHash: "secret hash",
		Active: true, Role: models.RoleUser, CreatedAt: now, UpdatedAt: now,
	}
	s.must(s.store.Users().Create(s.Context(), u))
	return u
}

// rename changes the names of the account.
func (s *server) rename(up models.UserUpdate) {
	s.Helper()
	_, err := s.store.Users().Update(s.Context(), s.user.ID, up)
	s.must(err)
	s.reload()
}

// reload reads the account from the store again, as each request does.
func (s *server) reload() {
	s.Helper()
	user, err := s.store.Users().Get(s.Context(), s.user.ID)
	s.must(err)
	s.user = user
}

// addBook adds a book. n determines its title and times.
func (s *server) addBook(owner models.ID, n int, change func(b *models.Book)) models.Book {
	s.Helper()
	b := models.Book{
		ID: models.NewID(now), UserID: owner,
		BookTexts: models.BookTexts{Title: fmt.Sprintf("Book %d", n), Description: "Line\nbreak, \"quotes\"", Category: "science"},
		CreatedAt: now.Add(-time.Duration(n) * time.Hour), UpdatedAt: now.Add(-time.Duration(n) * time.Minute),
	}
	if change != nil {
		change(&b)
	}
	s.must(s.store.Books().Create(s.Context(), b))
	return b
}

func (s *server) addCover(b *models.Book, width, height int) {
	s.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 128, 255})
		}
	}
	var file bytes.Buffer
	s.must(jpeg.Encode(&file, img, nil))
	cover, err := s.covers.Add(s.Context(), b.UserID, bytes.NewReader(file.Bytes()))
	s.must(err)
	b.Cover = cover
}

func (s *server) allDetails(b *models.Book) {
	b.BookDetails = models.BookDetails{
		Subtitle: "A subtitle", Authors: []string{"Frank Herbert", "Brian & Co"}, ISBN: "9780441013593", Publisher: "Ace",
		Published: "2005-08", Language: "en", Pages: 604, Series: "Dune", SeriesNumber: 1.5, Tags: []string{"desert", "sand, worms"},
		Location: "Hall", Copies: 2,
	}
	s.addCover(b, 300, 400)
}

// fill adds at least one record of each kind to the account.
func (s *server) fill() {
	s.Helper()
	ctx := s.Context()
	var books []models.Book
	for n := range 5 {
		books = append(books, s.addBook(s.user.ID, n, nil))
	}
	books = append(books, s.addBook(s.user.ID, 5, s.allDetails), s.addBook(s.user.ID, 6, func(b *models.Book) { s.addCover(b, 700, 500) }))
	s.addReadings(books)
	for i, b := range []models.Book{books[3], books[1], books[6]} {
		for _, shelf := range []string{"wishlist", "ünïcode-shelf"}[i%2:] {
			s.shelve(b, shelf)
		}
	}
	s.addLoans(books)
	s.addTrash()
	last := s.addBook(s.user.ID, 9, func(b *models.Book) { b.Title = trashedTitle })
	s.lend(last, "Hal", models.LoanUpdate{}) // later than the loans in the trash
	for year, goal := range map[int]models.Goal{2025: 12, 2026: 30} {
		s.must(s.store.Readings().PutGoal(ctx, s.user.ID, year, goal))
	}
	s.reload()
}

func (s *server) addReadings(books []models.Book) {
	s.Helper()
	s.reload()
	for i, up := range []models.ReadingUpdate{
		{Status: new(models.StatusWant)},
		{
			Status: new(models.StatusRead), Rating: new(models.Rating(17)), Review: new(models.Review("Great\n=1+1")),
			Reads: &models.Reads{{Started: 20260102, Finished: 20260109}, {Finished: 20260501}},
		},
		{Status: new(models.StatusReading), Progress: &models.Progress{Unit: models.UnitPercent, Value: 40}, Reads: &models.Reads{{Started: 20261101}}},
		{Status: new(models.StatusAbandoned), Progress: &models.Progress{Unit: models.UnitPage, Value: 12}},
	} {
		_, err := s.exporter.Readings.Put(s.Context(), s.user, books[i+2], up)
		s.must(err)
		_, err = s.store.Readings().Put(s.Context(), models.ReadingKey{UserID: s.user.ID, BookID: books[i+2].ID},
			models.ReadingUpdate{UpdatedAt: now.Add(time.Duration(10-i) * time.Hour)})
		s.must(err)
	}
}

// addLoans adds open loans, and a returned loan to a borrower with an account. One book has more open loans than
// copies.
func (s *server) addLoans(books []models.Book) {
	s.Helper()
	loans, bob := s.store.Loans(), s.addUser("bob@example.com")
	for i, l := range []models.Loan{
		{BookID: books[0].ID, BorrowerID: bob.ID, Borrower: "Bob", Due: 20260301, LentAt: now.Add(-time.Hour)},
		{BookID: books[0].ID, Borrower: "Cora", LentAt: now},
		{BookID: books[5].ID, Borrower: "Dan", Due: 20270101, LentAt: now},
		{BookID: books[5].ID, Borrower: "Eve", LentAt: now},
	} {
		l.ID, l.LenderID = models.NewID(now), s.user.ID
		s.must(loans.Create(s.Context(), l, 2))
		if i == 0 {
			_, err := loans.Update(s.Context(), l.ID, models.LoanUpdate{Reminded: new(models.RemindLate), ReturnedAt: new(now)})
			s.must(err)
		}
	}
	_, _, err := s.store.Books().Update(s.Context(), books[5].ID, s.user.ID, models.BookUpdate{Copies: new(1), UpdatedAt: books[5].UpdatedAt})
	s.must(err)
}

// trashedTitle is the title of two books in the trash and of one book outside of it.
const trashedTitle = "Read and thrown away"

// addTrash adds two books and moves them to the trash. The second one has all details, a reading record, an open and a
// returned loan, and places on two shelves.
func (s *server) addTrash() {
	s.Helper()
	for n := range 2 {
		b := s.addBook(s.user.ID, 7+n, func(b *models.Book) {
			b.Title = trashedTitle
			if n == 1 {
				s.allDetails(b)
			}
		})
		if n == 1 {
			_, err := s.exporter.Readings.Put(s.Context(), s.user, b, models.ReadingUpdate{Status: new(models.StatusRead)})
			s.must(err)
			s.lend(b, "Fay", models.LoanUpdate{ReturnedAt: new(now)})
			s.lend(b, "Gus", models.LoanUpdate{Reminded: new(models.RemindSoon)})
			for _, shelf := range []string{"wishlist", "ünïcode-shelf"} {
				s.shelve(b, shelf)
			}
		}
		s.must(s.store.Trash().Put(s.Context(), b.ID, s.user.ID, now.Add(time.Duration(n)*time.Minute), nil))
	}
}

// lend stores a loan of a book, and then changes it.
func (s *server) lend(b models.Book, to string, up models.LoanUpdate) models.Loan {
	s.Helper()
	l := models.Loan{ID: models.NewID(now), BookID: b.ID, LenderID: b.UserID, Borrower: to, Due: 20270101, LentAt: now}
	s.must(s.store.Loans().Create(s.Context(), l, 2))
	lent, err := s.store.Loans().Update(s.Context(), l.ID, up)
	s.must(err)
	return lent.Loan
}

// shelve puts a book on a shelf of the account.
func (s *server) shelve(b models.Book, shelf string) {
	s.Helper()
	key := models.ShelfKey{UserID: s.user.ID, Name: shelf}
	_, err := s.store.Shelves().Put(s.Context(), key, b.ID, models.NewPlace(now), models.DefaultShelfLimits)
	s.must(err)
}

// restoreTrash restores the latest book from the account's trash.
func (s *server) restoreTrash() {
	s.Helper()
	list, err := s.store.Trash().List(s.Context(), models.TrashFilter{UserID: s.user.ID, Limit: 1})
	s.must(err)
	_, err = s.books.Restore(s.Context(), models.Actor{User: s.user}, list[0].ID)
	s.must(err)
}

// export returns an export of the account.
func (s *server) export(f Format) []byte {
	s.Helper()
	var file bytes.Buffer
	s.must(s.exporter.Write(s.Context(), s.user, f, &file))
	return file.Bytes()
}

// upload returns an archive to import.
func upload(file []byte, on models.OnDuplicate) Upload {
	return Upload{Name: "export.zip", File: bytes.NewReader(file), ImportOptions: models.ImportOptions{OnDuplicate: on}}
}

// start queues the import of an archive.
func (s *server) start(file []byte, on models.OnDuplicate) models.Import {
	s.Helper()
	i, err := s.imports.Start(s.Context(), "", s.user.ID, upload(file, on))
	s.must(err)
	return i
}

// importAs imports an archive. It checks that a dry run has predicted the number of lines with each outcome, and returns the
// report.
func (s *server) importAs(file []byte, on models.OnDuplicate) []models.ImportRow {
	s.Helper()
	p, err := s.imports.DryRun(s.Context(), s.user.ID, upload(file, on))
	s.must(err)
	rows := s.finish(s.start(file, on))
	var got models.ImportCounts
	if got.Add(rows...); got != p.Outcomes {
		s.Errorf("imported as %s: %+v\nthe dry run says %+v", on, got, p.Outcomes)
	}
	return rows
}

// finish runs an import and returns its report.
func (s *server) finish(i models.Import) (rows []models.ImportRow) {
	s.Helper()
	s.must(s.imports.Run(s.Context(), "test"))
	i, err := s.imports.Get(s.Context(), s.user.ID, i.ID)
	s.must(err)
	report, err := s.imports.Rows(s.Context(), i, "", models.Cursor{}, i.Total+1)
	s.must(err)
	if i.State != models.ImportDone || len(report) != i.Total {
		s.Fatalf("%d of %d rows; the import is %s: %s", len(report), i.Total, i.State, i.Reason)
	}
	for n, row := range report {
		if row.Line != n+1 {
			s.Errorf("row %d has the line %d", n, row.Line)
		}
		rows = append(rows, row.ImportRow)
	}
	s.reload()
	return rows
}

// restore imports an archive into the account. It returns the rows of records that were skipped, failed, or were
// created only in part, without the row of the profile.
func (s *server) restore(file []byte) (left []models.ImportRow) {
	s.Helper()
	for _, row := range s.importAs(file, models.DuplicateSkip) {
		if row.Line > 1 && (row.Outcome != models.RowCreated || row.Reason != "") {
			left = append(left, row)
		}
	}
	return left
}
