package sqlite

import (
	"context"
	"encoding/json"

	"bookplate/models"
)

type books struct{ *Store }

var (
	insertIntoBooks = bookTable.insert("books", derivedNames...)
	selectBook      = "SELECT " + bookTable.names + " FROM books WHERE id = ?"
	// The arrays of ISBNs and titles are arguments, so that one prepared query works for any number of them.
	selectAlike = "SELECT " + bookTable.names + " FROM books WHERE user_id = ? AND title_key IN (SELECT value FROM json_each(?)) " +
		"UNION ALL SELECT " + bookTable.names + " FROM books WHERE title_key NOT IN (SELECT value FROM json_each(?)) AND number IN (" +
		"SELECT book FROM book_values WHERE user_id = ? AND field = 'isbn' AND folded IN (SELECT value FROM json_each(?)))"
	deleteBook  = "DELETE FROM books WHERE id = ?"
	deleteOwned = "DELETE FROM books WHERE id IN (SELECT id FROM books WHERE user_id = ? LIMIT ?) RETURNING " + bookTable.names
)

func (s books) Create(ctx context.Context, b models.Book) error {
	return s.write(ctx, func(q *statements) error { return storeBook(q, b) })
}

// storeBook inserts a book. The error is models.ErrNoAccount if the owner has no account, and Conflict if the id or the title
// is taken.
func storeBook(q *statements, b models.Book) error {
	if err := requireAccount(q, b.UserID); err != nil {
		return err
	}
	trashed, err := one(q, countTrashed, []any{string(b.ID)}, intField)
	if err != nil {
		return err
	}
	if trashed > 0 {
		return &models.Error{Code: models.Conflict}
	}
	return insertBook(q, b)
}

func (s books) CreateAll(ctx context.Context, _ models.ID, list []models.Book) (conflicts []int, err error) {
	for i, err := range s.writeAll(ctx, len(list), func(q *statements, i int) error {
		return storeBook(q, list[i])
	}) {
		switch {
		case models.CodeOf(err) == models.Conflict && err != nil:
			conflicts = append(conflicts, i)
		case err != nil:
			return nil, err
		}
	}
	return conflicts, nil
}

func (s books) Get(ctx context.Context, id models.ID) (models.Book, error) {
	return find(ctx, s.Store, selectBook, []any{string(id)}, bookTable.fields)
}

func (s books) Alike(ctx context.Context, owner models.ID, isbns, titles []string) ([]models.Book, error) {
	isbnArray, err := json.Marshal(append([]string{}, isbns...)) // a null would match nothing and exclude everything
	if err != nil {
		return nil, err
	}
	titleArray, err := json.Marshal(append([]string{}, titles...))
	if err != nil {
		return nil, err
	}
	args := []any{string(owner), string(titleArray), string(titleArray), string(owner), string(isbnArray)}
	return findAll(ctx, s.Store, selectAlike, args, bookTable.fields)
}

func (s books) Update(
	ctx context.Context, id, owner models.ID, up models.BookUpdate,
) (before, after models.Book, err error) {
	up.UpdatedAt = storedTime(up.UpdatedAt)
	write := s.write
	if up.Cover != nil && up.Cover.Name == "" {
		write = s.remove
	}
	err = write(ctx, func(q *statements) error {
		if before, err = ownedBook(q, id, owner, up.IfVersion); err != nil {
			return err
		}
		after = up.Apply(before)
		query, args := updateBook(before, after, up)
		_, err = q.exec(query, args...)
		return err
	})
	if err != nil {
		return models.Book{}, models.Book{}, err
	}
	return before, after, nil
}

// ownedBook returns a book of the owner that is to be changed. The error is models.ErrVersion if the book does not have one
// of the versions in ifVersion.
func ownedBook(q *statements, id, owner models.ID, ifVersion models.Versions) (models.Book, error) {
	b, err := one(q, selectBook+" AND user_id = ?", []any{string(id), string(owner)}, bookTable.fields)
	if err == nil && !ifVersion.Match(b.Version) {
		err = models.ErrVersion
	}
	return b, err
}

// derivedColumn is a column whose value is computed from other fields of a book.
type derivedColumn struct{ name, value string }

// derivedNames are the names of the derived columns.
var derivedNames = []string{"edition", "title_key", "author_key", "series_key", "published_key"}

// derivedColumns returns the derived columns of a book, in the order of derivedNames.
func derivedColumns(b models.Book) []derivedColumn {
	keys := b.SortKeys()
	columns := make([]derivedColumn, len(derivedNames))
	for i, value := range []string{b.Edition(), keys.Title, keys.Author, keys.Series, keys.Published} {
		columns[i] = derivedColumn{derivedNames[i], value}
	}
	return columns
}

// insertBook inserts a book. The book gets a larger number than all earlier books.
func insertBook(q *statements, b models.Book) error {
	values := bookTable.values(b)
	for _, column := range derivedColumns(b) {
		values = append(values, column.value)
	}
	_, err := q.exec(insertIntoBooks, values...)
	return err
}

// updateBook returns the statement that changes a book from before to after. The statement sets only the columns that change,
// because SQLite rewrites every index that has a column of the statement. A field of the update is stored in the column of
// the same name or, if there is none, in the column details.
func updateBook(before, after models.Book, up models.BookUpdate) (query string, args []any) {
	query, args = "UPDATE books SET version = version + 1, updated_at = ?", []any{up.UpdatedAt.UnixMilli()}
	details := false
	for name, value := range up.Changes() {
		if bookTable.has(name) {
			query, args = query+", "+name+" = ?", append(args, value)
		} else {
			details = true
		}
	}
	if details {
		query, args = query+", details = ?", append(args, detailsColumn(after.BookDetails))
	}
	old := derivedColumns(before)
	for i, column := range derivedColumns(after) {
		if column != old[i] {
			query, args = query+", "+column.name+" = ?", append(args, column.value)
		}
	}
	if up.Cover != nil {
		query += ", cover = ?, cover_sizes = ?, image_url = ''"
		args = append(args, up.Cover.Name, sizesColumn(up.Cover.Sizes))
	}
	return query + " WHERE id = ?", append(args, string(after.ID))
}

func (s books) Delete(
	ctx context.Context, id, owner models.ID, ifVersion models.Versions,
) (b models.Book, err error) {
	err = s.remove(ctx, func(q *statements) error {
		if b, err = ownedBook(q, id, owner, ifVersion); err != nil {
			return err
		}
		if _, err := q.exec(deleteBook, string(id)); err != nil {
			return err
		}
		return clearBook(q, id)
	})
	return b, err
}

func (s books) DeleteOwned(ctx context.Context, owner models.ID, limit int) (list []models.Book, err error) {
	err = s.remove(ctx, func(q *statements) error {
		list, err = all(q, deleteOwned, []any{string(owner), limit}, bookTable.fields)
		if err != nil {
			return err
		}
		return clearBooks(q, list)
	})
	return list, err
}

func clearBooks(q *statements, deleted []models.Book) error {
	for _, b := range deleted {
		if err := clearBook(q, b.ID); err != nil {
			return err
		}
	}
	return nil
}

// clearBook deletes everything that was stored about a deleted book: its places on shelves, reading records and loans, and
// the ids of the books that were merged into it.
func clearBook(q *statements, id models.ID) error {
	for _, query := range []string{unshelveBook, forgetBook, deleteLoans, forgetMerged} {
		if _, err := q.exec(query, string(id)); err != nil {
			return err
		}
	}
	return nil
}
