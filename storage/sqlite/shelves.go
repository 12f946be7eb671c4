package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"bookplate/models"
)

type shelves struct{ *Store }

var (
	listShelves = "SELECT shelf, count(*) FROM shelf_books WHERE user_id = ? AND " + notInTrash +
		" GROUP BY shelf ORDER BY shelf"
	listShelf = "SELECT " + bookTable.qualified("b") + ", s.place FROM shelf_books s JOIN books b ON b.id = s.book_id " +
		"WHERE s.user_id = ? AND s.shelf = ? AND s.place > ? ORDER BY s.place LIMIT ?"
	selectShelved = "SELECT " + bookTable.names + " FROM books WHERE id = (" +
		"SELECT book_id FROM shelf_books WHERE user_id = ? AND shelf = ? AND book_id = ?)"
	insertShelved = shelfTable.insert("shelf_books")
	addShelved    = "INSERT OR IGNORE INTO shelf_books (user_id, shelf, book_id, place) SELECT ?, ?, id, ? FROM books WHERE id = ?"
	selectPlace   = "SELECT place FROM shelf_books WHERE user_id = ? AND shelf = ? AND book_id = ?"
	nextPlace     = "SELECT place FROM shelf_books WHERE user_id = ? AND shelf = ? AND book_id <> ? AND place > ? ORDER BY place LIMIT 1"
	movePlace     = "UPDATE shelf_books SET place = ? WHERE user_id = ? AND shelf = ? AND book_id = ?"
	deleteShelved = "DELETE FROM shelf_books WHERE user_id = ? AND shelf = ? AND book_id = ?"
	// unshelveBook removes a deleted book from every shelf.
	unshelveBook  = "DELETE FROM shelf_books WHERE book_id = ?"
	deleteShelves = "DELETE FROM shelf_books WHERE user_id = ?"
)

func (s shelves) List(ctx context.Context, userID models.ID) ([]models.Shelf, error) {
	return findAll(ctx, s.Store, listShelves, []any{string(userID)}, shelfFields)
}

func (s shelves) Books(ctx context.Context, f models.ShelfFilter) ([]models.ShelvedBook, error) {
	return findAll(ctx, s.Store, listShelf, []any{string(f.UserID), f.Name, string(f.After), f.Limit}, shelvedFields)
}

func (s shelves) Get(ctx context.Context, shelf models.ShelfKey, bookID models.ID) (models.Book, error) {
	return find(ctx, s.Store, selectShelved, []any{string(shelf.UserID), shelf.Name, string(bookID)}, bookTable.fields)
}

func (s shelves) Put(
	ctx context.Context, shelf models.ShelfKey, bookID models.ID, place models.Place, limits models.ShelfLimits,
) (b models.Book, err error) {
	err = s.write(ctx, func(q *statements) error {
		b, err = one(q, selectShelved, []any{string(shelf.UserID), shelf.Name, string(bookID)}, bookTable.fields)
		if !errors.Is(err, sql.ErrNoRows) {
			return err // nil if the book is on the shelf already
		}
		if b, err = one(q, selectBook, []any{string(bookID)}, bookTable.fields); err != nil {
			return err
		}
		if err := requireAccount(q, shelf.UserID); err != nil {
			return err
		}
		has, err := all(q, listShelves, []any{string(shelf.UserID)}, shelfFields)
		if err != nil {
			return err
		}
		if err := limits.Check(has, shelf.Name); err != nil {
			return err
		}
		_, err = q.exec(insertShelved, string(shelf.UserID), shelf.Name, string(bookID), string(place))
		return err
	})
	return b, err
}

func (s shelves) Move(ctx context.Context, shelf models.ShelfKey, bookID, after models.ID) error {
	return s.write(ctx, func(q *statements) error {
		place := func(query string, args ...any) (models.Place, error) {
			return one(q, query, append([]any{string(shelf.UserID), shelf.Name}, args...), placeField)
		}
		if _, err := place(selectPlace, string(bookID)); err != nil {
			return err
		}
		var before models.Place
		if after != "" {
			var err error
			if before, err = place(selectPlace, string(after)); err != nil {
				return err
			}
		}
		next, err := place(nextPlace, string(bookID), string(before))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if before == "" && next == "" {
			return nil // there is no other book on the shelf
		}
		_, err = q.exec(movePlace, string(models.Between(before, next)), string(shelf.UserID), shelf.Name, string(bookID))
		return err
	})
}

func (s shelves) PutAll(
	ctx context.Context, userID models.ID, list []models.ShelfEntry, limits models.ShelfLimits,
) ([]int, error) {
	has, err := s.List(ctx, userID)
	if err != nil {
		return nil, err
	}
	full := limits.Full(has, list)
	return full, errors.Join(s.writeAll(ctx, len(list), func(q *statements, i int) error {
		if slices.Contains(full, i) {
			return nil
		}
		if err := requireAccount(q, userID); err != nil {
			return err
		}
		entry := list[i]
		_, err := q.exec(addShelved, string(userID), entry.Shelf, string(entry.Place), string(entry.BookID))
		return err
	})...)
}

func (s shelves) Remove(ctx context.Context, shelf models.ShelfKey, bookID models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := q.exec(deleteShelved, string(shelf.UserID), shelf.Name, string(bookID))
		return err
	})
}

func (s shelves) DeleteAll(ctx context.Context, userID models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := q.exec(deleteShelves, string(userID))
		return err
	})
}
