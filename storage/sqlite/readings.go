package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"bookplate/models"
)

type readings struct{ *Store }

var (
	selectReading  = "SELECT " + readingTable.names + " FROM readings WHERE user_id = ? AND book_id = ?"
	selectReadings = "SELECT " + readingTable.names + " FROM readings WHERE user_id = ? AND " +
		"book_id IN (SELECT value FROM json_each(?))"
	replaceReading = readingTable.replace("readings", "finished")
	insertReading  = strings.Replace(readingTable.insert("readings", "finished"), "INSERT", "INSERT OR IGNORE", 1)
	countBook      = "SELECT count(*) FROM books WHERE id = ?"
	deleteReading  = "DELETE FROM readings WHERE user_id = ? AND book_id = ?"
	deleteReadings = "DELETE FROM readings WHERE user_id = ?"

	// If the user has no goal, sum returns NULL and coalesce makes it zero.
	selectGoal  = "SELECT coalesce(sum(books), 0) FROM reading_goals WHERE user_id = ? AND year = ?"
	selectGoals = "SELECT year, books FROM reading_goals WHERE user_id = ?"
	replaceGoal = goalTable.replace("reading_goals")
	deleteGoal  = "DELETE FROM reading_goals WHERE user_id = ? AND year = ?"
	deleteGoals = "DELETE FROM reading_goals WHERE user_id = ?"

	// forgetBook deletes all reading records of a deleted book.
	forgetBook = "DELETE FROM readings WHERE book_id = ?"
)

// finishedBetween is the condition for reading records of books that were finished between two days, including both
// days.
const finishedBetween = "EXISTS (SELECT 1 FROM json_each(reads) WHERE value ->> 'finished' BETWEEN ? AND ?)"

func (s readings) Get(ctx context.Context, key models.ReadingKey) (models.Reading, error) {
	return find(ctx, s.Store, selectReading, []any{string(key.UserID), string(key.BookID)}, readingTable.fields)
}

// Of passes the ids as one JSON array, so that one prepared query works for any number of books.
func (s readings) Of(ctx context.Context, userID models.ID, books []models.ID) ([]models.Reading, error) {
	array, err := json.Marshal(books)
	if err != nil {
		return nil, err
	}
	return findAll(ctx, s.Store, selectReadings, []any{string(userID), string(array)}, readingTable.fields)
}

func (s readings) List(ctx context.Context, f models.ReadingFilter) ([]models.Book, error) {
	query, args := listReadings(f)
	rows, err := findAll(ctx, s.Store, query, args, readBookFields)
	books := make([]models.Book, len(rows))
	for i := range rows {
		books[i] = rows[i].book
		books[i].Reading = &rows[i].reading
	}
	return books, err
}

// listReadings returns the query for a page. For every sort there is an index with the reading records in order. CROSS
// JOIN makes SQLite start with the reading records and not with the books.
func listReadings(f models.ReadingFilter) (query string, args []any) {
	where, args := "r.user_id = ?", []any{string(f.UserID)}
	if f.Status != "" {
		where, args = where+" AND r.status = ?", append(args, string(f.Status))
	}
	if f.Year != 0 {
		where, args = where+" AND "+finishedBetween, append(args, daysOf(f.Year)...)
	}
	name, descending := strings.CutPrefix(string(f.Sort), "-")
	key, direction, beyond := sortColumns[name], "", ">"
	if descending {
		direction, beyond = " DESC", "<"
	}
	if f.After != nil {
		where += " AND (" + key + ", r.book_id) " + beyond + " (?, ?)"
		args = append(args, f.After.Number, string(f.After.ID))
	}
	query = "SELECT " + bookTable.qualified("b") + ", " + readingTable.qualified("r") +
		" FROM readings r CROSS JOIN books b ON b.id = r.book_id WHERE " + where +
		" ORDER BY " + key + direction + ", r.book_id" + direction + " LIMIT ?"
	return query, append(args, f.Limit)
}

// sortColumns maps the names of models.ReadingSort to columns.
var sortColumns = map[string]string{"updated": "r.updated_at", "finished": "r.finished", "rating": "r.rating"}

func (s readings) Put(
	ctx context.Context, key models.ReadingKey, up models.ReadingUpdate,
) (r models.Reading, err error) {
	up.UpdatedAt = storedTime(up.UpdatedAt)
	err = s.write(ctx, func(q *statements) error {
		if _, err := one(q, selectBook, []any{string(key.BookID)}, bookTable.fields); err != nil {
			return err
		}
		if err := requireAccount(q, key.UserID); err != nil {
			return err
		}
		before, err := one(q, selectReading, []any{string(key.UserID), string(key.BookID)}, readingTable.fields)
		if errors.Is(err, sql.ErrNoRows) {
			before, err = models.Reading{ReadingKey: key, CreatedAt: up.UpdatedAt}, nil
		}
		if err != nil {
			return err
		}
		if r = up.Apply(before); r.Status == "" {
			return models.ErrNoStatus
		}
		return storeReading(q, r)
	})
	return r, err
}

func storeReading(q *statements, r models.Reading) error {
	_, err := q.exec(replaceReading, append(readingTable.values(r), int(r.Reads.Finished()))...)
	return err
}

func (s readings) CreateAll(ctx context.Context, userID models.ID, list []models.Reading) error {
	return errors.Join(s.writeAll(ctx, len(list), func(q *statements, i int) error {
		if err := requireAccount(q, userID); err != nil {
			return err
		}
		r := list[i]
		n, err := one(q, countBook, []any{string(r.BookID)}, intField)
		if err == nil && n > 0 {
			_, err = q.exec(insertReading, append(readingTable.values(r), int(r.Reads.Finished()))...)
		}
		return err
	})...)
}

// daysOf returns the first and the last day of a year. They are the arguments of finishedBetween.
func daysOf(year int) []any {
	return []any{models.Date(year*10000 + 101).String(), models.Date(year*10000 + 1231).String()}
}

func (s readings) PutGoal(ctx context.Context, userID models.ID, year int, goal models.Goal) error {
	if goal == 0 {
		return s.remove(ctx, func(q *statements) error {
			_, err := q.exec(deleteGoal, string(userID), year)
			return err
		})
	}
	return s.write(ctx, func(q *statements) error {
		if err := requireAccount(q, userID); err != nil {
			return err
		}
		_, err := q.exec(replaceGoal, string(userID), year, int(goal))
		return err
	})
}

// yearGoal is a row of the table reading_goals.
type yearGoal struct{ year, books int }

func (s readings) Goals(ctx context.Context, userID models.ID) (map[int]models.Goal, error) {
	rows, err := findAll(ctx, s.Store, selectGoals, []any{string(userID)}, func(g *yearGoal) []any { return []any{&g.year, &g.books} })
	goals := map[int]models.Goal{}
	for _, g := range rows {
		goals[g.year] = models.Goal(g.books)
	}
	return goals, err
}

func (s readings) Delete(ctx context.Context, key models.ReadingKey) error {
	return s.remove(ctx, func(q *statements) error {
		_, err := q.exec(deleteReading, string(key.UserID), string(key.BookID))
		return err
	})
}

func (s readings) DeleteAll(ctx context.Context, userID models.ID) error {
	return s.remove(ctx, func(q *statements) error {
		if _, err := q.exec(deleteGoals, string(userID)); err != nil {
			return err
		}
		_, err := q.exec(deleteReadings, string(userID))
		return err
	})
}
