package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// writeBatch runs writes in one batch. To do so, it blocks the writer until all of them are in the queue. It returns
// their errors in the same order.
func writeBatch(t *testing.T, s *Store, ctxs []context.Context, writes ...func(*statements) error) []error {
	t.Helper()
	blocked, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.write(context.Background(), func(*statements) error { close(blocked); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-blocked
	errs := make([]error, len(writes))
	for i, do := range writes {
		wg.Go(func() { errs[i] = s.write(ctxs[i], do) })
		for len(s.writes.queue) <= i {
			time.Sleep(time.Millisecond)
		}
	}
	close(release)
	wg.Wait()
	return errs
}

// contexts returns n contexts that do not end.
func contexts(n int) []context.Context {
	ctxs := make([]context.Context, n)
	for i := range ctxs {
		ctxs[i] = context.Background()
	}
	return ctxs
}

// adding returns a write function that inserts a book.
func adding(b models.Book) func(*statements) error {
	return func(q *statements) error { return insertBook(q, b) }
}

// failing returns a write function that runs do and then fails.
func failing(do func(*statements) error, err error) func(*statements) error {
	return func(q *statements) error { return errors.Join(do(q), err) }
}

func wantStored(t *testing.T, s *Store, b models.Book, want bool) {
	t.Helper()
	_, err := s.Books().Get(context.Background(), b.ID)
	if want {
		check(t, err)
		return
	}
	wantCode(t, err, models.NotFound)
}

func TestWritesThatArriveTogetherShareATransaction(t *testing.T) {
	s, book := open(t), newBook("Emma")
	for _, err := range writeBatch(t, s, contexts(2), adding(book), func(q *statements) error {
		wantStored(t, s, book, false) // the readers do not see it yet
		_, err := one(q, selectBook, []any{string(book.ID)}, bookTable.fields)
		return err
	}) {
		check(t, err)
	}
	wantStored(t, s, book, true)
}

func TestFailingWriteDoesNotUndoTheOthers(t *testing.T) {
	s := open(t)
	before, failed, after := newBook("Emma"), newBook("Persuasion"), newBook("Sanditon")
	errs := writeBatch(t, s, contexts(4),
		adding(before), failing(adding(failed), errors.ErrUnsupported), adding(before), adding(after))
	check(t, errs[0])
	wantCode(t, errs[1], models.Internal)
	wantCode(t, errs[2], models.Conflict)
	check(t, errs[3])
	wantStored(t, s, before, true)
	wantStored(t, s, failed, false)
	wantStored(t, s, after, true)
}

func TestWriteWhoseContextEndsInTheQueueDoesNotRun(t *testing.T) {
	s, late, book := open(t), newBook("Emma"), newBook("Sanditon")
	ctxs := contexts(3)
	ending, cancel := context.WithCancel(t.Context())
	ctxs[1] = ending
	errs := writeBatch(t, s, ctxs, func(*statements) error { cancel(); return nil }, adding(late), adding(book))
	wantCode(t, errs[1], models.Unavailable)
	check(t, errs[2])
	wantStored(t, s, late, false)
	wantStored(t, s, book, true)
}

func TestFailingCommitFailsAll(t *testing.T) {
	s, book := open(t), newBook("Emma")
	errs := writeBatch(t, s, contexts(2), adding(book), func(q *statements) error {
		_, err := q.exec("CREATE TABLE children (book TEXT REFERENCES books DEFERRABLE INITIALLY DEFERRED)")
		if err == nil {
			_, err = q.exec("INSERT INTO children VALUES ('none')") // the deferred key fails at the commit
		}
		return err
	})
	wantCode(t, errs[0], models.Internal)
	wantCode(t, errs[1], models.Internal)
	wantStored(t, s, book, false)
	check(t, addBook(s, book)) // the writer still works
	wantStored(t, s, book, true)
}

func TestFullDisk(t *testing.T) {
	s := open(t)
	setMaxPages(t, s, 60) // if more pages are needed, SQLite reports a full disk
	var stored []models.Book
	var err error
	for err == nil {
		book := newBook("Emma")
		book.Description = strings.Repeat("long ", 2000)
		if err = addBook(s, book); err == nil {
			stored = append(stored, book)
		}
	}
	wantCode(t, err, models.InsufficientStorage)
	setMaxPages(t, s, 10_000)
	check(t, addBook(s, newBook("Sanditon")))
	for _, book := range stored {
		wantStored(t, s, book, true)
	}
}

func setMaxPages(t *testing.T, s *Store, n int) {
	t.Helper()
	check(t, s.write(t.Context(), func(q *statements) error {
		_, err := one(q, fmt.Sprintf("PRAGMA max_page_count = %d", n), nil, intField)
		return err
	}))
}
