package sqlite

import (
	"context"
	"errors"
	"strconv"

	"bookplate/models"
)

// The queries of the statistics. Their arguments are a user (?1), and an owner of books or an empty text for all owners (?2).
// For the books of a year, there are also its first day as a number (?3), and its first and last day as texts.
const (
	// fromReadings joins the reading records with their books. CROSS JOIN makes SQLite begin with the reading records instead
	// of the books.
	fromReadings = " FROM readings r INDEXED BY readings_by_finish CROSS JOIN books b ON b.id = r.book_id"
	ofUser       = " WHERE r.user_id = ?1 AND ?2 IN ('', b.user_id)"

	// inYear is the condition for the books that the user finished in the year. The condition on r.finished lets SQLite skip,
	// in the index, the books that the user last finished in an earlier year.
	inYear = ofUser + " AND r.finished >= ?3 AND " + finishedBetween

	// details is NULL for a book without details, because an empty text is not valid JSON.
	details = "nullif(b.details, '')"
	pages   = details + " ->> 'pages'"
)

var (
	countFinished = "SELECT replace(substr(read.value ->> 'finished', 1, 7), '-', '') + 0 AS month, count(*), " +
		"coalesce(sum(" + pages + "), 0)" + fromReadings + " CROSS JOIN json_each(r.reads) read" + ofUser +
		" AND r.finished > 0 AND read.value ->> 'finished' IS NOT NULL GROUP BY month"
	countRatings = "SELECT r.rating, count(*)" + fromReadings + inYear + " AND r.rating > 0 GROUP BY r.rating"

	countCategories = countNames("b.category", "")
	countLanguages  = countNames(details+" ->> 'language'", "")
	countAuthors    = countNames("author.value", " CROSS JOIN json_each("+details+", '$.authors') author")

	selectLongest  = selectLength("pages DESC")
	selectShortest = selectLength("pages")
)

// countNames returns the query for the names with the most books in a year, such as authors. The argument from joins the
// books with their names. A book may have any number of names, even the same name twice.
func countNames(name, from string) string {
	return "SELECT " + name + " AS name, count(DISTINCT b.id) AS number" + fromReadings + from + inYear +
		" AND name > '' GROUP BY name ORDER BY number DESC, name LIMIT " + strconv.Itoa(models.MaxNameCounts)
}

// selectLength returns the query for the longest or the shortest book of a year: the first one in the given order.
func selectLength(order string) string {
	return "SELECT b.id, b.title, " + pages + " AS pages" + fromReadings + inYear + " AND pages > 0 ORDER BY " + order +
		", b.id LIMIT 1"
}

// The rows in the results of these queries.
type (
	monthCount struct {
		month models.Month
		models.ReadCount
	}
	ratingCount struct {
		rating models.Rating
		books  int
	}
)

func monthCountFields(c *monthCount) []any { return []any{(*int)(&c.month), &c.Books, &c.Pages} }

func ratingCountFields(c *ratingCount) []any { return []any{(*int)(&c.rating), &c.books} }

func nameCountFields(c *models.NameCount) []any { return []any{&c.Name, &c.Books} }

func bookLengthFields(l *models.BookLength) []any { return []any{(*string)(&l.ID), &l.Title, &l.Pages} }

func (s readings) Stats(ctx context.Context, f models.StatsFilter) (models.ReadingStats, error) {
	stats := models.ReadingStats{Finished: map[models.Month]models.ReadCount{}, Ratings: map[models.Rating]int{}}
	all := []any{string(f.UserID), string(f.Owner)}
	year := append([]any{all[0], all[1], f.Year*10000 + 101}, daysOf(f.Year)...)
	goal, err := find(ctx, s.Store, selectGoal, []any{string(f.UserID), f.Year}, intField)
	stats.Goal = models.Goal(goal)
	err = errors.Join(err,
		forEach(ctx, s, countFinished, all, monthCountFields, func(c monthCount) { stats.Finished[c.month] = c.ReadCount }),
		forEach(ctx, s, countRatings, year, ratingCountFields, func(c ratingCount) { stats.Ratings[c.rating] = c.books }),
		forEach(ctx, s, selectLongest, year, bookLengthFields, func(l models.BookLength) { stats.Longest = &l }),
		forEach(ctx, s, selectShortest, year, bookLengthFields, func(l models.BookLength) { stats.Shortest = &l }))
	for query, names := range map[string]*[]models.NameCount{
		countCategories: &stats.Categories, countLanguages: &stats.Languages, countAuthors: &stats.Authors,
	} {
		rows, failed := findAll(ctx, s.Store, query, year, nameCountFields)
		*names, err = rows, errors.Join(err, failed)
	}
	return stats, err
}

// forEach runs a query and calls do for each row.
func forEach[T any](
	ctx context.Context, s readings, query string, args []any, fields func(*T) []any, do func(T),
) error {
	rows, err := findAll(ctx, s.Store, query, args, fields)
	for _, row := range rows {
		do(row)
	}
	return err
}
