package sqlite

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bookplate/models"
)

// selectFrom qualifies the columns with the name of the table, because readings and loans have columns with the same names.
var selectFrom = "SELECT " + bookTable.qualified("books") + " FROM "

const findCovers = "SELECT cover FROM books WHERE cover IN (SELECT value FROM json_each(?1)) " +
	"UNION SELECT cover FROM trash WHERE cover IN (SELECT value FROM json_each(?1))"

func (s books) List(ctx context.Context, f models.BookFilter) (page []models.Book, err error) {
	if err := s.indexFor(ctx, f); err != nil {
		return nil, err
	}
	parts := f.Parts()
	if f.After != nil {
		parts = parts[max(slices.Index(parts, f.After.Part), 0):]
	}
	err = s.call(ctx, func() error {
		for _, part := range parts {
			books, err := listPart(connection(ctx, s.lists), f, part)
			if err != nil {
				return err
			}
			page = append(page, books...)
			if f.Limit -= len(books); f.Limit <= 0 {
				return nil
			}
			f.After = nil
		}
		return nil
	})
	return page, err
}

// listPart returns up to f.Limit books from one part of the list.
func listPart(q *statements, f models.BookFilter, part int) ([]models.Book, error) {
	conds, order := bookConditions(f, part), orderOf(f, part)
	var few *condition
	if order.key != nil {
		var err error
		if few, err = fewest(q, conds); err != nil {
			return nil, err
		}
	}
	query := listBooks(f, conds, order, few)
	read := allOnce[models.Book]
	if f.OnlyCategory() {
		read = all[models.Book]
	}
	return read(q, query.text, query.args, bookTable.fields)
}

// listBooks returns the query for a page of one part of the list. If few is not nil, the query looks up the books that this
// condition finds, and sorts those that match all conditions. Otherwise it reads an index in which the books are in the order
// of the list.
func listBooks(f models.BookFilter, conds []condition, order order, few *condition) sqlText {
	from, key := order.from, order.indexKey
	if few != nil {
		from, key = few.lookUp(), order.key
	}
	query := sqlText{text: selectFrom}.add(from).add(tests(conds, few))
	direction, beyond := "", " > "
	if order.descending {
		direction, beyond = " DESC", " < "
	}
	if f.After != nil {
		query = query.add(sqlText{text: " AND (" + strings.Join(key, ", ") + ")" + beyond}).add(order.after)
	}
	query.text += " ORDER BY " + strings.Join(key, direction+", ") + direction + " LIMIT ?"
	query.args = append(query.args, f.Limit)
	return query
}

// Count uses a connection for lists, because it reads an index entry for each book that it counts, which may take long.
func (s books) Count(ctx context.Context, f models.BookFilter) (n int64, err error) {
	if err := s.indexFor(ctx, f); err != nil {
		return 0, err
	}
	err = s.call(ctx, func() error {
		from, _, err := matching(connection(ctx, s.lists), f)
		if err == nil {
			n, err = oneOnce(connection(ctx, s.lists), "SELECT count(*) FROM "+from.text, from.args, intField)
		}
		return err
	})
	return n, err
}

// Covers passes the names as one JSON array, so that the text of the query is the same for any number of names.
func (s books) Covers(ctx context.Context, names []string) ([]string, error) {
	array, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, findCovers, []any{string(array)}, func(name *string) []any { return []any{name} })
}

// order is how a query reads a part of the list in order.
type order struct {
	from       sqlText  // an index that has the books in this order, with its conditions
	indexKey   []string // the columns of the order in that index
	key        []string // the columns of the order if books are looked up; nil if they cannot be
	after      sqlText  // the values of the cursor
	descending bool
}

// orderOf returns the order of a part of the list.
func orderOf(f models.BookFilter, part int) order {
	sort, descending := f.Sort.Ascending()
	var c models.Cursor
	if f.After != nil {
		c = *f.After
	}
	id := string(c.ID)
	switch {
	case sort == models.SortRelevance && part != models.PartTitle:
		return order{
			from: sqlText{
				"book_words CROSS JOIN books ON number = book_words.rowid WHERE book_words MATCH ?", []any{match(f, part)},
			},
			indexKey: []string{"book_words.rowid"}, key: []string{"number"},
			// The book of the cursor may have been deleted meanwhile, so the query looks for the last book up to its id. The
			// numbers of books are in the order of their ids.
			after: sqlText{"(coalesce((SELECT number FROM books WHERE id <= ? ORDER BY id DESC LIMIT 1), 0))", []any{id}},
		}
	case sort == models.SortRelevance:
		return byID(f, "title", id, false)
	case sort == models.SortOwnRating && part == models.PartRated:
		ratings := sqlText{
			"readings INDEXED BY readings_by_rating CROSS JOIN books ON id = book_id WHERE readings.user_id = ? AND rating > 0",
			[]any{string(f.Reader)},
		}
		key := []string{"rating", "book_id"}
		return order{ratings, key, nil, sqlText{"(?, ?)", []any{c.Number, id}}, descending}
	case sort == models.SortCreated && f.Category != "":
		return byID(f, "category", id, descending)
	case sort == models.SortCreated || sort == models.SortOwnRating:
		return byID(f, "id", id, descending)
	}
	key := []string{string(sort) + "_key", "id"}
	return order{scan(f, string(sort)), key, key, sqlText{"(?, ?)", []any{c.Key, id}}, descending}
}

// byID returns the order by id. In the given index, all columns before the id are fixed by the filter.
func byID(f models.BookFilter, index, after string, descending bool) order {
	return order{scan(f, index), []string{"id"}, []string{"id"}, sqlText{"(?)", []any{after}}, descending}
}

// scan returns the clause that reads an index of the owner's books, or of all books if the filter has no owner.
func scan(f models.BookFilter, name string) sqlText {
	index := "books_by_" + name
	if f.UserID != "" {
		index = "books_by_owner_" + name
	}
	return sqlText{text: "books INDEXED BY " + index + " WHERE TRUE"}
}
