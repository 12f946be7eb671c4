package sqlite

import (
	"context"
	"time"

	"bookplate/models"
)

// The words of books are stored in the full-text index book_words for many books at once, because each transaction of such an
// index writes at least one tree, which is later merged with others: storing the words of one book costs more than renaming
// the book. So a trigger only notes the numbers of changed books in unindexed_books. The indexer stores their words soon
// after. A search stores them first if the indexer has not, so it finds what any earlier call has stored.

const (
	// indexDelay is how often the words of changed books are stored. More changes collect in between.
	indexDelay = time.Second
	// indexBatch is the number of books whose words are stored in one write. A book with a description of 300 characters
	// takes about 50 µs, so other writes do not wait long.
	indexBatch = 200
)

const (
	anyUnindexed = "SELECT EXISTS (SELECT 1 FROM unindexed_books)"
	firstBatch   = "(SELECT number FROM unindexed_books ORDER BY number LIMIT ?)"
	deleteWords  = "DELETE FROM book_words WHERE rowid IN " + firstBatch
	insertWords  = "INSERT INTO book_words (rowid, owner, heading, body) " +
		"SELECT number, user_id, book_heading(title, details), book_body(title, description, details) FROM books " +
		"WHERE number IN " + firstBatch
	deleteUnindexed = "DELETE FROM unindexed_books WHERE number IN " + firstBatch
)

// startIndexing starts a goroutine that stores the words of changed books. The returned function stops the goroutine and
// waits until it has ended.
func (s *Store) startIndexing() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(indexDelay)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = s.indexWords(ctx) // a search returns the error, and the next tick tries again
			}
		}
	}()
	return func() {
		cancel()
		<-stopped
	}
}

// indexFor stores the words of changed books if the filter searches for words.
func (s *Store) indexFor(ctx context.Context, f models.BookFilter) error {
	if f.Query.IsZero() {
		return nil
	}
	return s.indexWords(ctx)
}

// indexWords stores the words of all changed books.
func (s *Store) indexWords(ctx context.Context) error {
	for {
		stale, err := find(ctx, s, anyUnindexed, nil, intField)
		if err != nil || stale == 0 {
			return err
		}
		err = s.write(ctx, func(q *statements) error {
			for _, query := range []string{deleteWords, insertWords, deleteUnindexed} {
				if _, err := q.exec(query, indexBatch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
