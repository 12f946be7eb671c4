package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

func TestContract(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) models.Store { return open(t) })
}

// The tests of the contract have at most 60 books, which SQLite finds by looking them up. With a fewLimit of 0, SQLite finds
// them as in a large library, by reading an index in the order of the list.
func TestFindingAmongManyBooks(t *testing.T) {
	limit := fewLimit
	fewLimit = 0
	t.Cleanup(func() { fewLimit = limit })
	storagetest.RunFinding(t, func(t *testing.T) models.Store { return open(t) })
}

// open returns an empty store in a temporary folder.
func open(tb testing.TB) *Store {
	tb.Helper()
	return openAt(tb, filepath.Join(tb.TempDir(), "bookplate.db"))
}

func openAt(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), path)
	check(tb, err)
	tb.Cleanup(func() { check(tb, s.Close()) })
	return s
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantCode(tb testing.TB, err error, want models.Code) {
	tb.Helper()
	if err == nil || models.CodeOf(err) != want {
		tb.Fatalf("got error %v, want one of code %d", err, want)
	}
}

func newBook(title string) models.Book {
	now := time.Now()
	return models.Book{ID: models.NewID(now), UserID: models.NewID(now), BookTexts: models.BookTexts{Title: title, Category: "poetry"}}
}

// addBook stores a book, and an account for its owner if there is none.
func addBook(s *Store, book models.Book) error {
	owner := models.User{ID: book.UserID, Email: string(book.UserID), Active: true}
	if err := s.Users().Create(context.Background(), owner); err != nil && models.CodeOf(err) != models.Conflict {
		return err
	}
	return s.Books().Create(context.Background(), book)
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	s, ctx := open(t), t.Context()
	check(t, s.Close())
	check(t, s.Close())
	_, err := s.Books().Get(ctx, "")
	wantCode(t, err, models.Unavailable)
	wantCode(t, s.Books().Create(ctx, newBook("Emma")), models.Unavailable)
	wantCode(t, s.Ping(ctx), models.Unavailable)
}

func TestCloseWaitsForWritesAndTruncatesTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	book := newBook("Emma")
	started, answered := make(chan struct{}), make(chan error, 1)
	go func() {
		answered <- s.write(context.Background(), func(q *statements) error {
			close(started)
			return insertBook(q, book)
		})
	}()
	<-started
	check(t, s.Close())
	check(t, <-answered)
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		t.Fatalf("the log still has %d bytes", log.Size())
	}
	got, err := openAt(t, path).Books().Get(t.Context(), book.ID)
	check(t, err)
	if got.Title != book.Title {
		t.Fatalf("got %+v, want %+v", got, book)
	}
}

// The test checks the pragma synchronous, because killing a process cannot show whether a commit was fsynced.
func TestWritesAreSyncedAndReadersCannotWrite(t *testing.T) {
	s := open(t)
	for pragma, want := range map[string]int64{"synchronous": 2 /* FULL */, "foreign_keys": 1, "query_only": 0} {
		got, err := one(s.writes.statements, "PRAGMA "+pragma, nil, intField)
		check(t, err)
		if got != want {
			t.Errorf("the writer has %s = %d, want %d", pragma, got, want)
		}
	}
	_, err := s.lookups.exec("DELETE FROM books")
	wantCode(t, translate(err), models.Unavailable)
}

// A database has the same mark at every start. Two databases have different marks.
func TestCoverMark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	var marks [3]string
	for i, path := range []string{path, path, filepath.Join(t.TempDir(), "other.db")} {
		s := openAt(t, path)
		mark, err := s.CoverMark()
		check(t, err)
		marks[i] = mark
		check(t, s.Close())
	}
	if marks[0] != marks[1] || marks[0] == marks[2] {
		t.Errorf("the marks are %v", marks)
	}
}
