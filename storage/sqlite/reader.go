package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// The numbers of connections for reading. Each connection has a page cache of 2 MB.
const (
	// lookups is the number of connections for queries that read one row by its key. Such a query takes about 10 µs
	// (BenchmarkGet), so four connections are faster than the HTTP server.
	lookups = 4

	// lists is the number of connections for queries that read many rows. They are separate because a list takes
	// milliseconds for each batch. If look-ups shared these connections, they would have to wait for the lists.
	lists = 2
)

// reader is a pool of read-only connections.
type reader struct {
	*statements
	db *sql.DB
}

// openReader opens all connections at once. If it opened one later, the path might lead to another file by then.
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
		defer conn.Close() //nolint:errcheck // this returns conn to the pool
	}
	return &reader{&statements{preparer: db, prepared: map[string]statement{}}, db}, nil
}

func (r *reader) close() error { return r.db.Close() }
