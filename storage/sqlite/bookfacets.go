package sqlite

import (
	"context"
	"strings"

	"bookplate/models"
)

// valueCount is a row in the result of a query for facets.
type valueCount struct {
	field models.BookField
	models.ValueCount
}

func valueCountFields(v *valueCount) []any { return []any{(*string)(&v.field), &v.Value, &v.Books} }

// inFacets is the SQL condition that a value belongs to one of models.FacetFields.
var inFacets = inFields(models.FacetFields)

// inFields returns the SQL condition that a value belongs to one of these fields.
func inFields(fields []models.BookField) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = "'" + string(field) + "'"
	}
	return "field IN (" + strings.Join(names, ", ") + ")"
}

func (s books) Facets(ctx context.Context, f models.BookFilter) (models.Facets, error) {
	if err := s.indexFor(ctx, f); err != nil {
		return nil, err
	}
	facets := models.Facets{}
	err := s.call(ctx, func() error {
		from, few, err := matching(connection(ctx, s.lists), f)
		if err != nil {
			return err
		}
		for _, query := range []sqlText{countValues(f, from, few), countStatuses(f, from, few)} {
			counts, err := allOnce(connection(ctx, s.lists), query.text, query.args, valueCountFields)
			if err != nil {
				return err
			}
			for _, c := range counts {
				facets[c.field] = append(facets[c.field], c.ValueCount)
			}
		}
		return nil
	})
	return facets, err
}

// countValues returns the query that counts the values of the matching books. If few books match, the query looks up their
// values. Otherwise it reads all values in the order of an index, so that it needs no sorting to count them.
func countValues(f models.BookFilter, from sqlText, few bool) sqlText {
	values := sqlText{text: "book_values WHERE " + inFacets}
	switch {
	case few:
		values = sqlText{text: "(SELECT number FROM "}.add(from).add(sqlText{text: ") CROSS JOIN book_values ON book = number WHERE " + inFacets})
	case !f.OnlyOwner():
		// The plus sign keeps SQLite from using an index on the column, which would look up the values of one book after
		// another. countStatuses needs it for the same reason.
		values = values.add(sqlText{text: " AND +book IN (SELECT number FROM "}).add(from).add(sqlText{text: ")"})
	}
	if f.UserID != "" && !few {
		values = values.add(sqlText{" AND user_id = ?", []any{string(f.UserID)}})
	}
	return sqlText{text: "SELECT field, value, n FROM (SELECT field, value, count(*) AS n, " +
		"row_number() OVER (PARTITION BY field ORDER BY count(*) DESC, value) AS place FROM "}.
		add(values).
		add(sqlText{" GROUP BY field, folded, value) WHERE place <= ? ORDER BY field, place", []any{models.MaxFacet}})
}

// countStatuses returns the query that counts the matching books by the status in the reader's reading records.
func countStatuses(f models.BookFilter, from sqlText, few bool) sqlText {
	readings := sqlText{text: "readings CROSS JOIN books ON books.id = book_id WHERE +number IN (SELECT number FROM "}.
		add(from).add(sqlText{text: ")"})
	if few {
		readings = sqlText{text: "(SELECT books.id FROM "}.add(from).
			add(sqlText{text: ") AS found CROSS JOIN readings ON book_id = found.id WHERE TRUE"})
	}
	return sqlText{text: "SELECT '" + string(models.FacetStatus) + "', status, count(*) AS n FROM "}.add(readings).
		add(sqlText{" AND readings.user_id = ? GROUP BY status ORDER BY n DESC, status", []any{string(f.Reader)}})
}
