package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bookplate/models"
)

// A batch is one transaction, atomic or not. If it returns an error, all of its writes are undone.
func TestBatchIsATransaction(t *testing.T) {
	s, book, failed := open(t), newBook("Emma"), errors.New("failed")
	for _, result := range []error{failed, nil} {
		err := s.Batch(t.Context(), false, func(ctx context.Context) error {
			check(t, s.write(ctx, adding(book)))
			wantStored(t, s, book, false) // others do not see it yet
			return result
		})
		if !errors.Is(err, result) {
			t.Errorf("got %v, want %v", err, result)
		}
		wantStored(t, s, book, result == nil)
	}
}

// A batch that panics undoes only its own writes, and the writer goes on with other jobs.
func TestBatchThatPanics(t *testing.T) {
	s, book := open(t), newBook("Emma")
	func() {
		defer func() {
			if p := recover(); p != "panic" {
				t.Errorf("recovered %v", p)
			}
		}()
		err := s.Batch(t.Context(), true, func(ctx context.Context) error {
			check(t, s.write(ctx, adding(book)))
			panic("panic")
		})
		t.Errorf("the batch returned %v", err)
	}()
	wantStored(t, s, book, false)
	check(t, addBook(s, book))
	wantStored(t, s, book, true)
}

// If SQLite rolls back the whole transaction, the batch fails. Its later calls also fail instead of running outside of the
// transaction.
func TestBatchWhoseTransactionIsRolledBack(t *testing.T) {
	s, first, second := open(t), newBook("Emma"), newBook("Sanditon")
	err := s.Batch(t.Context(), false, func(ctx context.Context) error {
		check(t, s.write(ctx, adding(first)))
		err := s.write(ctx, func(q *statements) error {
			_, err := q.exec("ROLLBACK")
			return errors.Join(err, errors.ErrUnsupported)
		})
		wantCode(t, err, models.Internal)
		wantCode(t, s.write(ctx, adding(second)), models.Internal)
		_, err = s.Books().Get(ctx, first.ID)
		wantCode(t, err, models.Internal)
		return nil
	})
	wantCode(t, err, models.Internal)
	wantStored(t, s, first, false)
	wantStored(t, s, second, false)
	check(t, addBook(s, second))
}

// A batch shares a transaction with other writes. If the commit fails, the batch fails.
func TestBatchWhoseCommitFails(t *testing.T) {
	s, book := open(t), newBook("Emma")
	err := s.Batch(t.Context(), false, func(ctx context.Context) error {
		check(t, s.write(ctx, adding(book)))
		return s.write(ctx, func(q *statements) error {
			_, err := q.exec("CREATE TABLE children (book TEXT REFERENCES books DEFERRABLE INITIALLY DEFERRED)")
			if err == nil {
				_, err = q.exec("INSERT INTO children VALUES ('none')") // the deferred key fails at the commit
			}
			return err
		})
	})
	wantCode(t, err, models.Internal)
	wantStored(t, s, book, false)
}

// A batch is rejected before its first operation if the file that reserves disk space cannot be made.
func TestBatchWithoutReserve(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	s.writes.reserve.release()
	check(t, os.Mkdir(path+reserveSuffix, 0o700)) // a folder in place of the reserve
	err := s.Batch(t.Context(), false, func(context.Context) error {
		t.Error("the batch runs")
		return nil
	})
	wantCode(t, err, models.Unavailable)
	check(t, os.Remove(path+reserveSuffix))
}

// Close waits until a running batch has ended. The calls of the batch do not wait for Close, because that would be a
// deadlock.
func TestCloseDuringABatch(t *testing.T) {
	s, book := open(t), newBook("Emma")
	var wg sync.WaitGroup
	check(t, s.Batch(t.Context(), false, func(ctx context.Context) error {
		wg.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		for s.mu.TryRLock() { // until Close waits for the lock
			s.mu.RUnlock()
			time.Sleep(time.Millisecond)
		}
		return s.write(ctx, adding(book))
	}))
	wg.Wait()
}
