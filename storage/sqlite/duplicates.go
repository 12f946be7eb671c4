package sqlite

import (
	"context"
	"encoding/json"

	"bookplate/models"
)

var (
	// selectSimilar selects the books that have one of the values in a JSON array. Each element is an array of a field and a
	// value.
	selectSimilar = "SELECT " + bookTable.names + " FROM books WHERE number IN (SELECT book FROM json_each(?) AS v " +
		"CROSS JOIN book_values ON field = v.value ->> 0 AND folded = v.value ->> 1 WHERE book_values.user_id = ?) " +
		"AND id <> ? ORDER BY id LIMIT ?"

	// selectGroups selects the values of a field that several books have, in the order of the index. It leaves out a value if
	// all of its books also have the same earlier value.
	selectGroups = "SELECT field, folded, (SELECT count(DISTINCT book) FROM book_values AS counted " +
		"WHERE (counted.user_id, counted.field, counted.folded) = (found.user_id, found.field, found.folded)) FROM (" +
		"SELECT user_id, field, folded, min(book) AS first FROM book_values " +
		"WHERE user_id = ? AND field = ? AND folded > ? GROUP BY user_id, field, folded HAVING min(book) <> max(book)) AS found " +
		"WHERE NOT EXISTS (SELECT 1 FROM book_values AS earlier WHERE earlier.book = found.first AND earlier." + inFields(models.SimilarFields) +
		" AND (earlier.field, earlier.folded) < (found.field, found.folded) AND NOT EXISTS (" +
		"SELECT 1 FROM book_values AS other WHERE (other.user_id, other.field, other.folded) = (found.user_id, found.field, found.folded) " +
		"AND NOT EXISTS (SELECT 1 FROM book_values AS same " +
		"WHERE same.book = other.book AND (same.field, same.folded) = (earlier.field, earlier.folded)))) LIMIT ?"
	selectGroup = "SELECT " + bookTable.names + " FROM books WHERE number IN (" +
		"SELECT book FROM book_values WHERE user_id = ? AND field = ? AND folded = ?) ORDER BY id LIMIT ?"
)

func groupFields(g *models.BookGroup) []any { return []any{(*string)(&g.Field), &g.Folded, &g.Count} }

func (s books) Similar(ctx context.Context, b models.Book) ([]models.Book, error) {
	values := [][2]string{}
	for _, v := range b.SimilarBy() {
		values = append(values, [2]string{string(v.Field), v.Folded})
	}
	if len(values) == 0 {
		return nil, nil
	}
	array, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, selectSimilar, []any{string(array), string(b.UserID), string(b.ID), models.MaxSimilar}, bookTable.fields)
}

func (s books) Duplicates(ctx context.Context, f models.DuplicateFilter) (page []models.BookGroup, err error) {
	err = s.call(ctx, func() error {
		for field, after := range f.Rest() {
			groups, err := all(connection(ctx, s.lists), selectGroups,
				[]any{string(f.UserID), string(field), after, f.Limit - len(page)}, groupFields)
			if err != nil {
				return err
			}
			page = append(page, groups...)
		}
		for i, g := range page {
			page[i].Books, err = all(connection(ctx, s.lists), selectGroup,
				[]any{string(f.UserID), string(g.Field), g.Folded, models.MaxSimilar}, bookTable.fields)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}
