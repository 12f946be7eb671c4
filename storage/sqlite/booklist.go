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

func (s books) Count(ctx context.Context, f models.BookFilter) (int64, error) {
	where, args := pickBooks(f)
	return find(ctx, s.Store, countBooks+where, args, number)
}

// Covers hands the names over as one JSON array, so that the query is the same for any number of them.
func (s books) Covers(ctx context.Context, names []string) ([]string, error) {
	array, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, findCovers, []any{string(array)}, func(name *string) []any { return []any{name} })
}

// order is what a sort means in SQL.
type order struct {
	by     string
	behind string // the condition of the rows behind a cursor
	key    func(*models.Cursor) []any
}

var orders = map[models.BookSort]order{
	models.SortCreated:     {"id", "id > ?", idKey},
	models.SortCreatedDesc: {"id DESC", "id < ?", idKey},
	models.SortTitle:       {"title, id", "(title, id) > (?, ?)", titleKey},
	models.SortTitleDesc:   {"title DESC, id DESC", "(title, id) < (?, ?)", titleKey},
}

func idKey(c *models.Cursor) []any    { return []any{string(c.ID)} }
func titleKey(c *models.Cursor) []any { return []any{c.Title, string(c.ID)} }

// listBooks is the query for a page. For each of its forms an index has the rows in order, so that it reads no others
// than it returns.
func listBooks(f models.BookFilter) (query string, args []any) {
	where, args := pickBooks(f)
	order := orders[f.Sort]
	if f.After != nil {
		where, args = where+" AND "+order.behind, append(args, order.key(f.After)...)
	}
	query = "SELECT " + bookTable.names + " FROM books WHERE " + where + " ORDER BY " + order.by + " LIMIT ?"
	return query, append(args, f.Limit)
}

// pickBooks is the condition that the filter sets, its page left out.
func pickBooks(f models.BookFilter) (where string, args []any) {
	where = "TRUE"
	if f.UserID != "" {
		where, args = where+" AND user_id = ?", append(args, string(f.UserID))
	}
	if f.Category != "" {
		where, args = where+" AND category = ?", append(args, f.Category)
	}
	return where, args
}
