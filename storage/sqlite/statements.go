package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements runs queries on a connection or a pool. It prepares each query once and keeps the prepared statement,
// because parsing a query takes longer than running it. There are only a few dozen queries.
type statements struct {
	preparer interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	}
	mu       sync.Mutex
	prepared map[string]statement // by query
}

// statement is a prepared query. It is closed when its connection is closed.
type statement interface {
	Exec(args ...any) (sql.Result, error)
	Query(args ...any) (*sql.Rows, error)
	QueryRow(args ...any) *sql.Row
}

func (q *statements) prepare(query string) (statement, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if stmt, ok := q.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := q.preparer.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	q.prepared[query] = stmt
	return stmt, nil
}

// exec runs a statement and returns the number of rows it changed.
func (q *statements) exec(query string, args ...any) (int64, error) {
	stmt, err := q.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.Exec(args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// one returns the first row of a query. The function fields returns pointers to the fields of a row, in the order of
// the query's columns. If there is no row, the error is sql.ErrNoRows.
func one[T any](q *statements, query string, args []any, fields func(*T) []any) (T, error) {
	var row T
	stmt, err := q.prepare(query)
	if err != nil {
		return row, err
	}
	return row, stmt.QueryRow(args...).Scan(fields(&row)...)
}

// all returns every row of a query.
func all[T any](q *statements, query string, args []any, fields func(*T) []any) ([]T, error) {
	stmt, err := q.prepare(query)
	if err != nil {
		return nil, err
	}
	return read(stmt, args, fields)
}

// allOnce is like all, but it does not keep the prepared query. It is for queries of filters, of which there are very many
// combinations.
func allOnce[T any](q *statements, query string, args []any, fields func(*T) []any) (list []T, err error) {
	stmt, err := q.preparer.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	return read(stmt, args, fields)
}

// oneOnce is like one, but it does not keep the prepared query.
func oneOnce[T any](q *statements, query string, args []any, fields func(*T) []any) (row T, err error) {
	rows, err := allOnce(q, query, args, fields)
	if err == nil && len(rows) == 0 {
		err = sql.ErrNoRows
	}
	if err != nil {
		return row, err
	}
	return rows[0], nil
}

// usualPage is the initial capacity of a result: a page of the default length, and one more row that shows whether there is a
// next page.
const usualPage = 21

// read runs a prepared query and returns its rows.
func read[T any](stmt statement, args []any, fields func(*T) []any) (list []T, err error) {
	rows, err := stmt.Query(args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	list = make([]T, 0, usualPage)
	var row T
	for dest := fields(&row); rows.Next(); list = append(list, row) {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}
