package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// The numbers of reading connections. Each has a page cache of 2 MB.
const (
	// lookups read one row by its key, in about 10 µs (BenchmarkGet), so that four are faster than the HTTP server.
	lookups = 4

	// lists read many rows. They have connections of their own, because a batch of a list takes milliseconds: a look-up
	// would wait for the batches of all running lists.
	lists = 2
)

// reader is a pool of read-only connections.
type reader struct {
	*statements
	db *sql.DB
}

// openReader opens all connections at once, because the path may name another file later.
func openReader(ctx context.Context, path string, connections int) (*reader, error) {
	name, err := dsn(path, readerPragmas...)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections) // an idle connection stays open and keeps its prepared statements
	for range connections {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		defer conn.Close() //nolint:errcheck // returns it to the pool
	}
	return &reader{&statements{preparer: db, prepared: map[string]statement{}}, db}, nil
}

func (r *reader) close() error { return r.db.Close() }
