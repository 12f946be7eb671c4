package sqlite

import (
	"context"
	"encoding/json"

	"bookplate/models"
)

const (
	countBooks = "SELECT count(*) FROM books WHERE "
	findCovers = "SELECT DISTINCT cover FROM books WHERE cover IN (SELECT value FROM json_each(?))"
)

func (s books) List(ctx context.Context, f models.BookFilter) ([]models.Book, error) {
	query, args := listBooks(f)
	return findAll(ctx, s.Store, query, args, bookTable.fields)
}

// Count uses the connections for lists, because it reads an index entry for each book that it counts.
func (s books) Count(ctx context.Context, f models.BookFilter) (n int64, err error) {
	where, args := bookConditions(f)
	err = s.call(ctx, func() (err error) {
		n, err = one(s.lists.statements, countBooks+where, args, intField)
		return err
	})
	return n, err
}

// Covers passes the names as one JSON array, so that one prepared query works for any number of names.
func (s books) Covers(ctx context.Context, names []string) ([]string, error) {
	array, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, findCovers, []any{string(array)}, func(name *string) []any { return []any{name} })
}

// order describes a models.BookSort in SQL.
type order struct {
	by    string                     // the ORDER BY clause
	after string                     // the condition for rows after a cursor
	key   func(*models.Cursor) []any // the arguments of after
}

var orders = map[models.BookSort]order{
	models.SortCreated:     {"id", "id > ?", idKey},
	models.SortCreatedDesc: {"id DESC", "id < ?", idKey},
	models.SortTitle:       {"title, id", "(title, id) > (?, ?)", titleKey},
	models.SortTitleDesc:   {"title DESC, id DESC", "(title, id) < (?, ?)", titleKey},
}

func idKey(c *models.Cursor) []any    { return []any{string(c.ID)} }
func titleKey(c *models.Cursor) []any { return []any{c.Title, string(c.ID)} }

// listBooks returns the query for a page. For every filter and sort there is an index with the rows in order, so the
// query reads only the rows that it returns.
func listBooks(f models.BookFilter) (query string, args []any) {
	where, args := bookConditions(f)
	order := orders[f.Sort]
	if f.After != nil {
		where, args = where+" AND "+order.after, append(args, order.key(f.After)...)
	}
	query = "SELECT " + bookTable.names + " FROM books WHERE " + where + " ORDER BY " + order.by + " LIMIT ?"
	return query, append(args, f.Limit)
}

// bookConditions returns the WHERE clause for a filter, without its cursor.
func bookConditions(f models.BookFilter) (where string, args []any) {
	where = "TRUE"
	if f.UserID != "" {
		where, args = where+" AND user_id = ?", append(args, string(f.UserID))
	}
	if f.Category != "" {
		where, args = where+" AND category = ?", append(args, f.Category)
	}
	return where, args
}
