package sqlite

import (
	"context"

	"bookplate/models"
)

type books struct{ *Store }

var (
	insertBook  = bookTable.insert("books")
	selectBook  = "SELECT " + bookTable.names + " FROM books WHERE id = ?"
	deleteBook  = "DELETE FROM books WHERE id = ? AND user_id = ? RETURNING " + bookTable.names
	deleteOwned = "DELETE FROM books WHERE id IN (SELECT id FROM books WHERE user_id = ? LIMIT ?) RETURNING " + bookTable.names
)

func (s books) Create(ctx context.Context, b models.Book) error {
	return s.write(ctx, func(q *statements) error {
		if err := requireAccount(q, b.UserID); err != nil {
			return err
		}
		_, err := q.exec(insertBook, bookTable.values(b)...)
		return err
	})
}

func (s books) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return find(ctx, s.Store, selectBook, []any{string(id)}, bookTable.fields)
}

func (s books) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	up.UpdatedAt = storedTime(up.UpdatedAt)
	query, args := updateBook(id, up)
	write := s.write
	if up.Cover != nil && up.Cover.Name == "" {
		write = s.remove
	}
	err = write(ctx, func(q *statements) error {
		before, err = one(q, selectBook+" AND user_id = ?", []any{string(id), string(owner)}, bookTable.fields)
		if err != nil {
			return err
		}
		_, err = q.exec(query, args...)
		return err
	})
	if err != nil {
		return models.Book{}, models.Book{}, err
	}
	return before, up.Apply(before), nil
}

// updateBook returns the statement for an update. It sets only the columns that change, because SQLite rewrites every
// index that has a column of the statement. A text of the update has the name of its column.
func updateBook(id models.ID, up models.BookUpdate) (query string, args []any) {
	query, args = "UPDATE books SET updated_at = ?", []any{up.UpdatedAt.UnixMilli()}
	for column, value := range up.Texts() {
		query, args = query+", "+column+" = ?", append(args, value)
	}
	if up.Cover != nil {
		query += ", cover = ?, cover_sizes = ?, image_url = ''"
		args = append(args, up.Cover.Name, sizesColumn(up.Cover.Sizes))
	}
	return query + " WHERE id = ?", append(args, string(id))
}

func (s books) Delete(ctx context.Context, id, owner models.ID) (b models.Book, err error) {
	err = s.remove(ctx, func(q *statements) error {
		if b, err = one(q, deleteBook, []any{string(id), string(owner)}, bookTable.fields); err != nil {
			return err
		}
		return deleteTraces(q, id)
	})
	return b, err
}

func (s books) DeleteOwned(ctx context.Context, owner models.ID, limit int) (list []models.Book, err error) {
	err = s.remove(ctx, func(q *statements) error {
		list, err = all(q, deleteOwned, []any{string(owner), limit}, bookTable.fields)
		if err != nil {
			return err
		}
		for _, b := range list {
			if err := deleteTraces(q, b.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// deleteTraces removes a deleted book from every shelf, and deletes its loans.
func deleteTraces(q *statements, id models.ID) error {
	if _, err := q.exec(unshelveBook, string(id)); err != nil {
		return err
	}
	_, err := q.exec(deleteLoans, string(id))
	return err
}
