package sqlite

import (
	"context"
	"fmt"
	"iter"

	"bookplate/models"
)

// kind describes how the records of a collection are counted, read and added.
type kind struct {
	table string
	all   func(s *Store) iter.Seq2[any, error]
	add   func(q *statements, record any) error
}

// kindOf returns the kind of records of type T in the table with this name. The records are in the order of the primary
// key. computed names the columns that are computed from other fields, and values returns their values. If duplicate is
// true, another row has the same unique values, and values returns others instead.
func kindOf[T any](name, key string, t table[T], computed []string, values func(row T, duplicate bool) []any) kind {
	query := "SELECT " + t.names + " FROM " + name + " ORDER BY " + key
	insert := t.insert(name, computed...) + " ON CONFLICT (" + key + ") DO NOTHING"
	return kind{
		table: name,
		all:   func(s *Store) iter.Seq2[any, error] { return stream(s, query, t) },
		add: func(q *statements, record any) error {
			row, ok := record.(T)
			if !ok {
				return fmt.Errorf("cannot add a %T to %s", record, name)
			}
			if values == nil {
				_, err := q.exec(insert, t.values(row)...)
				return err
			}
			_, err := q.exec(insert, append(t.values(row), values(row, false)...)...)
			if models.CodeOf(translate(err)) == models.Conflict {
				_, err = q.exec(insert, append(t.values(row), values(row, true)...)...)
			}
			return err
		},
	}
}

// plain is kindOf for a table without computed columns.
func plain[T any](name, key string, t table[T]) kind { return kindOf(name, key, t, nil, nil) }

// stream returns the rows of a query one by one.
func stream[T any](s *Store, query string, t table[T]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		stmt, err := s.lists.prepare(query)
		if err != nil {
			yield(nil, err)
			return
		}
		rows, err := stmt.Query()
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close() //nolint:errcheck // the rows were only read, and rows.Err has the error
		for rows.Next() {
			var row T
			if err := rows.Scan(t.fields(&row)...); err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// kinds are the kinds of records of all collections. The other tables have the library's mark, leases, what triggers and
// the indexer derive from books, and which books were merged, which only a repeated merge asks.
var kinds = map[models.Collection]kind{
	models.UserRecords: kindOf("users", "id", userTable, []string{"email_key", "username_key"},
		func(u models.User, duplicate bool) []any {
			if duplicate {
				return []any{nil, nil}
			}
			return []any{emailKey(u), usernameKey(u)}
		}),
	models.BookRecords:         kindOf("books", "id", bookTable, derivedNames, recordOfBook),
	models.TrashRecords:        plain("trash", "id", trashTable),
	models.ShelfRecords:        plain("shelf_books", "user_id, shelf, book_id", shelfTable),
	models.GoalRecords:         plain("reading_goals", "user_id, year", goalTable),
	models.LoanRecords:         plain("loans", "id", loanTable),
	models.SessionRecords:      plain("sessions", "id", sessionTable),
	models.TokenRecords:        plain("one_time_tokens", "hash", tokenTable),
	models.KeyedRecords:        plain("keyed_requests", "key", keyedTable),
	models.TallyRecords:        plain("throttles", "key", throttleTable),
	models.AuditRecords:        plain("audit", "id", auditTable),
	models.SourceAnswerRecords: plain("source_answers", "source, isbn", sourceAnswerTable),
	models.ImportRecords:       plain("imports", "id", importTable),
	models.ImportBatchRecords:  plain("import_batches", "import_id, number", importBatchTable),
	models.ReadingRecords: kindOf("readings", "user_id, book_id", readingTable, []string{"finished"},
		func(r models.Reading, _ bool) []any { return []any{int(r.Reads.Finished())} }),
}

// recordOfBook returns the derived columns of a book. A duplicate gets an edition of its own. It keeps the edition until
// one of the fields changes that an edition is computed from.
func recordOfBook(b models.Book, duplicate bool) (values []any) {
	for _, column := range derivedColumns(b) {
		if duplicate && column.name == "edition" {
			column.value += "\x00" + string(b.ID)
		}
		values = append(values, column.value)
	}
	return values
}

type records struct{ *Store }

func (s records) Count(ctx context.Context, c models.Collection) (n int64, err error) {
	err = s.call(ctx, func() (err error) {
		n, err = one(s.lists.statements, "SELECT count(*) FROM "+kinds[c].table, nil, intField)
		return err
	})
	return n, err
}

func (s records) All(ctx context.Context, c models.Collection) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		err := s.call(ctx, func() error {
			for record, err := range kinds[c].all(s.Store) {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil || !yield(record, nil) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

func (s records) Add(ctx context.Context, c models.Collection, list []any) error {
	return s.write(ctx, func(q *statements) error {
		for _, record := range list {
			if err := kinds[c].add(q, record); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s records) Unfinished() string { return models.CopiedMark(s.coverMark) }

func (s records) Begin(ctx context.Context, mark string) error {
	return s.setMark(ctx, models.UnfinishedCopy(mark))
}

// Finish first stores the words of the books, which is faster than to do so while books are added.
func (s records) Finish(ctx context.Context) error {
	if err := s.indexWords(ctx); err != nil {
		return err
	}
	return s.setMark(ctx, s.Unfinished())
}

func (s records) setMark(ctx context.Context, mark string) error {
	err := s.write(ctx, func(q *statements) error {
		_, err := q.exec("UPDATE library SET cover_mark = ?", mark)
		return err
	})
	if err == nil {
		s.coverMark = mark
	}
	return err
}
