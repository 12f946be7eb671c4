package sqlite

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"bookplate/models"
)

// trash stores the books in the trash in a table of their own, so that no query of books finds them, whatever its filter and
// order.
type trash struct{ *Store }

var (
	insertTrashed = trashTable.insert("trash")
	selectTrashed = "SELECT " + trashTable.names + " FROM trash WHERE "
	findTrashed   = selectTrashed + "id = ?"
	countTrashed  = "SELECT count(*) FROM trash WHERE id = ?"
	deleteTrashed = "DELETE FROM trash WHERE id = ?"

	// The plus signs keep SQLite from using the indexes on lender_id and user_id, with which it would read everything that
	// the user has.
	keptLoans = "SELECT " + loanTable.names + " FROM loans WHERE book_id IN (SELECT value FROM json_each(?)) AND " +
		"+lender_id = ? ORDER BY +id DESC"
	keptPlaces = "SELECT " + shelfTable.names + " FROM shelf_books WHERE book_id IN (SELECT value FROM json_each(?)) AND " +
		"+user_id = ? ORDER BY +shelf, place"
)

// notInTrash is the SQL condition that the book that a row refers to is not in the trash. A query that joins the table
// books does not need it, because books in the trash are not in that table.
const notInTrash = "book_id NOT IN (SELECT id FROM trash)"

func (s trash) Put(ctx context.Context, id, owner models.ID, at time.Time, ifVersion models.Versions) error {
	return s.write(ctx, func(q *statements) error {
		b, err := ownedBook(q, id, owner, ifVersion)
		if err != nil {
			return err
		}
		b.TrashedAt = at
		if _, err := q.exec(insertTrashed, trashTable.values(b)...); err != nil {
			return err
		}
		_, err = q.exec(deleteBook, string(id))
		return err
	})
}

func (s trash) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return find(ctx, s.Store, findTrashed, []any{string(id)}, trashTable.fields)
}

func (s trash) List(ctx context.Context, f models.TrashFilter) ([]models.Book, error) {
	query, args := listTrash(f)
	return findAll(ctx, s.Store, query, args, trashTable.fields)
}

func (s trash) Loans(ctx context.Context, owner models.ID, books []models.ID) ([]models.Loan, error) {
	array, err := json.Marshal(books)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, keptLoans, []any{string(array), string(owner)}, loanTable.fields)
}

func (s trash) Places(ctx context.Context, userID models.ID, books []models.ID) ([]models.ShelfEntry, error) {
	array, err := json.Marshal(books)
	if err != nil {
		return nil, err
	}
	found, err := findAll(ctx, s.Store, keptPlaces, []any{string(array), string(userID)}, shelfTable.fields)
	places := make([]models.ShelfEntry, len(found))
	for i, p := range found {
		places[i] = models.ShelfEntry{Shelf: p.Shelf, BookID: p.BookID, Place: p.Place}
	}
	return places, err
}

// listTrash returns the query for a page of the trash. It reads an index that has the books of each owner in order.
func listTrash(f models.TrashFilter) (query string, args []any) {
	where, args := trashConditions(f)
	if f.After != nil {
		where, args = where+" AND (trashed_at, id) < (?, ?)", append(args, f.After.Number, string(f.After.ID))
	}
	return selectTrashed + where + " ORDER BY trashed_at DESC, id DESC LIMIT ?", append(args, f.Limit)
}

// trashConditions returns the WHERE clause for a filter of the trash, without its cursor.
func trashConditions(f models.TrashFilter) (where string, args []any) {
	until := int64(math.MaxInt64)
	if !f.Until.IsZero() {
		until = f.Until.UnixMilli()
	}
	where, args = "trashed_at <= ?", []any{until}
	if f.UserID != "" {
		where, args = where+" AND user_id = ?", append(args, string(f.UserID))
	}
	return where, args
}

func (s trash) Restore(ctx context.Context, id, owner models.ID) (b models.Book, err error) {
	err = s.write(ctx, func(q *statements) error {
		if b, err = ownedTrash(q, id, owner); err != nil {
			return err
		}
		if _, err := q.exec(deleteTrashed, string(id)); err != nil {
			return err
		}
		b.TrashedAt = time.Time{}
		return storeBook(q, b)
	})
	if err != nil {
		return models.Book{}, err
	}
	return b, nil
}

// ownedTrash returns a book in the owner's trash.
func ownedTrash(q *statements, id, owner models.ID) (models.Book, error) {
	return one(q, findTrashed+" AND user_id = ?", []any{string(id), string(owner)}, trashTable.fields)
}

func (s trash) Delete(ctx context.Context, id, owner models.ID) (b models.Book, err error) {
	err = s.remove(ctx, func(q *statements) error {
		if b, err = ownedTrash(q, id, owner); err != nil {
			return err
		}
		if _, err := q.exec(deleteTrashed, string(id)); err != nil {
			return err
		}
		return clearBook(q, id)
	})
	return b, err
}

func (s trash) DeleteAll(ctx context.Context, f models.TrashFilter) (list []models.Book, err error) {
	query, args := emptyTrash(f)
	err = s.remove(ctx, func(q *statements) error {
		if list, err = all(q, query, args, trashTable.fields); err != nil {
			return err
		}
		return clearBooks(q, list)
	})
	return list, err
}

// emptyTrash returns the statement that deletes the books in the trash that match a filter, up to its limit.
func emptyTrash(f models.TrashFilter) (query string, args []any) {
	where, args := trashConditions(f)
	query = "DELETE FROM trash WHERE id IN (SELECT id FROM trash WHERE " + where + " LIMIT ?) RETURNING " +
		trashTable.names
	return query, append(args, f.Limit)
}
