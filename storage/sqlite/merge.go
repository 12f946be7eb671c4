package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"bookplate/models"
)

var (
	insertMerged = "INSERT INTO merged_books (book_id, id) VALUES (?, ?)"
	countMerged  = "SELECT count(*) FROM merged_books WHERE book_id = ? AND id = ?"
	forgetMerged = "DELETE FROM merged_books WHERE book_id = ?"

	// moveShelved moves a book's places on shelves to another book. It leaves them on shelves that the other book is already
	// on.
	moveShelved  = "UPDATE OR IGNORE shelf_books SET book_id = ? WHERE book_id = ?"
	moveLoans    = "UPDATE loans SET book_id = ? WHERE book_id = ?"
	bookReadings = "SELECT " + readingTable.names + " FROM readings WHERE book_id = ?"
)

func (s books) Merge(ctx context.Context, m models.Merge) (kept models.Book, covers []models.Cover, err error) {
	m.At = storedTime(m.At)
	err = s.write(ctx, func(q *statements) error {
		if kept, err = ownedBook(q, m.ID, m.Owner, nil); err != nil {
			return err
		}
		others, err := takeMerged(q, m)
		if err != nil || len(others) == 0 {
			return err
		}
		covers = []models.Cover{kept.Cover}
		for _, b := range others {
			covers = append(covers, b.Cover)
			kept.Lent = kept.Lent || b.Lent
		}
		kept, err = absorb(q, kept, others, m)
		return err
	})
	return kept, covers, err
}

// takeMerged deletes the books that are to be merged into another book, moves everything that users have stored about them to
// that book, and returns the deleted books. It skips books that an earlier merge has deleted.
func takeMerged(q *statements, m models.Merge) (others []models.Book, err error) {
	for _, id := range m.From {
		b, err := ownedBook(q, id, m.Owner, nil)
		if errors.Is(err, sql.ErrNoRows) {
			n, err := one(q, countMerged, []any{string(m.ID), string(id)}, intField)
			if err == nil && n == 0 {
				err = sql.ErrNoRows
			}
			if err != nil {
				return nil, err
			}
			continue
		}
		if err == nil {
			_, err = q.exec(deleteBook, string(id))
		}
		if err == nil {
			err = moveBook(q, id, m.ID)
		}
		if err != nil {
			return nil, err
		}
		others = append(others, b)
	}
	return others, nil
}

// moveBook moves the reading records, the loans and the places on shelves of a deleted book to another book.
func moveBook(q *statements, from, to models.ID) error {
	readings, err := all(q, bookReadings, []any{string(from)}, readingTable.fields)
	if err != nil {
		return err
	}
	for _, r := range readings {
		r.BookID = to
		had, err := one(q, selectReading, []any{string(r.UserID), string(to)}, readingTable.fields)
		switch {
		case err == nil:
			r = had.Combine(r)
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		if err := storeReading(q, r); err != nil {
			return err
		}
	}
	for _, query := range []string{moveShelved, moveLoans} {
		if _, err := q.exec(query, string(to), string(from)); err != nil {
			return err
		}
	}
	if err := clearBook(q, from); err != nil {
		return err
	}
	_, err = q.exec(insertMerged, string(to), string(from))
	return err
}

// absorb changes the kept book, after the books that are merged into it have been deleted.
func absorb(q *statements, kept models.Book, others []models.Book, m models.Merge) (models.Book, error) {
	up := kept.Absorb(others)
	up.UpdatedAt = m.At
	after := up.Apply(kept)
	query, args := updateBook(kept, after, up)
	if _, err := q.exec(query, args...); err != nil {
		return models.Book{}, err
	}
	if after.Lent {
		if _, err := q.exec(markLent, string(after.ID)); err != nil {
			return models.Book{}, err
		}
	}
	return after, nil
}
