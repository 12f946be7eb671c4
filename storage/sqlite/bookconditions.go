package sqlite

import (
	"slices"

	"bookplate/models"
)

// sqlText is a part of an SQL query, with its arguments.
type sqlText struct {
	text string
	args []any
}

func (t sqlText) add(more sqlText) sqlText {
	return sqlText{t.text + more.text, append(slices.Clip(t.args), more.args...)}
}

// condition is a condition for books, in two forms: as a test of one book, and as a query that finds all matching books.
type condition struct {
	test sqlText // the condition for a row of books
	find sqlText // the query for the numbers of the books for which the condition holds; empty if it would read all books

	inIndex bool // whether order.from finds only books for which the condition holds
}

// lookUp returns the clause for the books that the query c.find finds.
func (c condition) lookUp() sqlText {
	return sqlText{text: "books NOT INDEXED WHERE number IN ("}.add(c.find).add(sqlText{text: ")"})
}

// tests returns the conditions as a part of a WHERE clause. It leaves out those that hold for all books that the query reads:
// lookedUp or, if that is nil, the conditions of the index.
func tests(conds []condition, lookedUp *condition) (where sqlText) {
	for i := range conds {
		if found := lookedUp == &conds[i] || lookedUp == nil && conds[i].inIndex; !found {
			where = where.add(sqlText{text: " AND "}).add(conds[i].test)
		}
	}
	return where
}

// fewLimit is the largest number of books that a query looks up and sorts. If every condition finds more books, the query
// reads an index in the order of the list and skips the books that do not match. It does not skip many: in a library of a
// million books, each condition then matches at least one book in a hundred, so a page of 20 reads some thousand entries.
var fewLimit int64 = 10_000 // smaller in a test

// fewest returns the condition that finds the fewest books. It returns nil if every condition finds more than fewLimit.
func fewest(q *statements, conds []condition) (few *condition, err error) {
	least := fewLimit + 1
	for i, c := range conds {
		if c.find.text == "" {
			continue
		}
		count := sqlText{text: "SELECT count(*) FROM ("}.add(c.find).add(sqlText{" LIMIT ?)", []any{least}})
		n, err := oneOnce(q, count.text, count.args, intField)
		if err != nil {
			return nil, err
		}
		if n < least {
			least, few = n, &conds[i]
		}
	}
	return few, nil
}

// matching returns the tables and the WHERE clause for the books that match a filter. few reports whether a condition of the
// filter finds at most fewLimit books.
func matching(q *statements, f models.BookFilter) (from sqlText, few bool, err error) {
	f.Sort, f.After = models.SortCreated, nil
	conds := bookConditions(f, 0)
	driver, err := fewest(q, conds)
	if err != nil {
		return sqlText{}, false, err
	}
	few = driver != nil
	// A condition that finds many books is still faster than a test of each book, above all a test of words.
	if i := slices.IndexFunc(conds, func(c condition) bool { return c.find.text != "" }); !few && i >= 0 {
		driver = &conds[i]
	}
	from = orderOf(f, 0).from
	if driver != nil {
		from = driver.lookUp()
	}
	return from.add(tests(conds, driver)), few, nil
}

// bookConditions returns the conditions for the books in one part of a list.
func bookConditions(f models.BookFilter, part int) (conds []condition) {
	sort, _ := f.Sort.Ascending()
	if f.UserID != "" {
		conds = append(conds, condition{test: sqlText{"books.user_id = ?", []any{string(f.UserID)}}})
	}
	if f.Category != "" {
		c := condition{test: sqlText{"category = ?", []any{f.Category}}}
		if sort != models.SortCreated {
			c.find = findIn(f, "category", c.test)
		}
		conds = append(conds, c)
	}
	switch {
	case sort == models.SortRelevance && part == models.PartTitle:
		conds = append(conds, condition{test: sqlText{"title_key = ?", []any{f.Query.Title}}})
	case sort == models.SortRelevance:
		conds = append(conds, ofWords(f, part), condition{test: sqlText{"title_key <> ?", []any{f.Query.Title}}})
	case !f.Query.IsZero():
		conds = append(conds, ofWords(f, models.PartBody+1))
	}
	for _, value := range f.Values {
		conds = append(conds, ofValue(f, value))
	}
	if f.Published != (models.Dates{}) {
		least, greatest := f.Published.Bounds()
		test := sqlText{"published_key BETWEEN ? AND ?", []any{least, greatest}}
		conds = append(conds, condition{test: test, find: findIn(f, "published", test)})
	}
	if f.OfReadings() {
		conds = append(conds, ofReadings(f))
	}
	if sort == models.SortOwnRating && part == models.PartUnrated {
		conds = append(conds, condition{test: sqlText{
			"NOT EXISTS (SELECT 1 FROM readings WHERE readings.user_id = ? AND book_id = books.id AND rating > 0)", []any{string(f.Reader)},
		}})
	}
	if f.OnLoan != nil {
		conds = append(conds, ofLoans(f, *f.OnLoan))
	}
	return conds
}

// findIn returns the query for the numbers of the books that satisfy test. It reads an index of the owner's books, or of all
// books.
func findIn(f models.BookFilter, index string, test sqlText) sqlText {
	find := sqlText{text: "SELECT number FROM "}.add(scan(f, index)).add(sqlText{text: " AND "}).add(test)
	if f.UserID != "" {
		find = find.add(sqlText{" AND user_id = ?", []any{string(f.UserID)}})
	}
	return find
}

// ofWords returns the condition that a book has the words of the query. In a list by relevance, the book must also belong to
// the part.
func ofWords(f models.BookFilter, part int) condition {
	const inWords = " book_words MATCH ?"
	words := []any{match(f, part)}
	find := sqlText{"SELECT rowid FROM book_words WHERE" + inWords, words}
	return condition{
		// To test one book, FTS5 would read all words that begin with the last one, so all books are found at once. The plus
		// sign keeps SQLite from looking up each of them.
		test:    sqlText{text: "+number IN ("}.add(find).add(sqlText{text: ")"}),
		find:    find,
		inIndex: part <= models.PartBody,
	}
}

// match returns the FTS5 expression for the words of the query. The words are quoted, so that FTS5 does not take one for an
// operator. They have no quotation marks, because they have only letters and digits.
func match(f models.BookFilter, part int) string {
	var all string
	for _, word := range f.Query.Words {
		all += `"` + word + `" AND `
	}
	all = "(" + all + `"` + f.Query.Last + `" *)`
	heading, anywhere := "heading : "+all, "{heading body} : "+all
	expression := anywhere
	switch part {
	case models.PartHeading:
		expression = heading
	case models.PartBody:
		expression = "(" + anywhere + ") NOT (" + heading + ")"
	}
	if f.UserID != "" {
		expression = `owner : "` + string(f.UserID) + `" AND (` + expression + ")"
	}
	return expression
}

// ofValue returns the condition that a book has a value in a field.
func ofValue(f models.BookFilter, v models.FieldValue) condition {
	value := sqlText{"field = ? AND folded = ?", []any{string(v.Field), v.Folded}}
	find := sqlText{text: "SELECT book FROM book_values WHERE "}.add(value)
	if f.UserID != "" {
		find = find.add(sqlText{" AND user_id = ?", []any{string(f.UserID)}})
	}
	return condition{
		test: sqlText{text: "EXISTS (SELECT 1 FROM book_values WHERE book = number AND "}.add(value).add(sqlText{text: ")"}),
		find: find,
	}
}

// ofReadings returns the condition that the reader's reading record of the book has the status and the rating of the filter.
func ofReadings(f models.BookFilter) condition {
	reading := sqlText{"readings.user_id = ?", []any{string(f.Reader)}}
	if f.Status != "" {
		reading = reading.add(sqlText{" AND status = ?", []any{string(f.Status)}})
	}
	if f.Rating != (models.Ratings{}) {
		reading = reading.add(sqlText{" AND rating BETWEEN ? AND ?", []any{int(f.Rating.Lowest), int(f.Rating.Highest)}})
	}
	return condition{
		test: sqlText{text: "EXISTS (SELECT 1 FROM readings WHERE book_id = books.id AND "}.add(reading).add(sqlText{text: ")"}),
		find: sqlText{text: "SELECT number FROM readings CROSS JOIN books ON id = book_id WHERE "}.add(reading),
	}
}

// ofLoans returns the condition that at least one copy of the book is lent, or that no copy is.
func ofLoans(f models.BookFilter, lent bool) condition {
	exists := "EXISTS (SELECT 1 FROM loans WHERE book_id = books.id AND " + isOpen + ")"
	if !lent {
		return condition{test: sqlText{text: "NOT " + exists}}
	}
	find := sqlText{text: "SELECT number FROM loans CROSS JOIN books ON books.id = book_id WHERE " + isOpen}
	if f.UserID != "" {
		find = find.add(sqlText{" AND lender_id = ?", []any{string(f.UserID)}})
	}
	return condition{test: sqlText{text: exists}, find: find}
}
