package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements runs queries on a connection or a pool of them. Each query is prepared the first time it runs and kept:
// there are a few dozen texts in all, and to parse one takes longer than to run it.
type statements struct {
	on interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	}
	mu   sync.Mutex
	kept map[string]statement
}

// statement is a prepared query. It is closed with the connection it was made on, and not before.
type statement interface {
	Exec(args ...any) (sql.Result, error)
	Query(args ...any) (*sql.Rows, error)
	QueryRow(args ...any) *sql.Row
}

func (q *statements) prepare(query string) (statement, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if stmt, ok := q.kept[query]; ok {
		return stmt, nil
	}
	stmt, err := q.on.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	q.kept[query] = stmt
	return stmt, nil
}

// exec runs a statement and says how many rows it changed.
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

// one reads the row that a query finds, into the fields of a T. sql.ErrNoRows if there is none.
func one[T any](q *statements, query string, args []any, fields func(*T) []any) (T, error) {
	var row T
	stmt, err := q.prepare(query)
	if err != nil {
		return row, err
	}
	return row, stmt.QueryRow(args...).Scan(fields(&row)...)
}

// all reads every row that a query finds.
func all[T any](q *statements, query string, args []any, fields func(*T) []any) (list []T, err error) {
	stmt, err := q.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.Query(args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var row T
	for dest := fields(&row); rows.Next(); list = append(list, row) {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}
