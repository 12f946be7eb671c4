package sqlite

import "database/sql"

// readers is the number of reading connections. One reads a book in about 10 µs (BenchmarkGet), so that four serve more
// requests than HTTP brings; each has a page cache of 2 MB.
const readers = 4

// reader is the pool of connections that cannot write.
type reader struct {
	*statements
	db *sql.DB
}

func openReader(path string) (*reader, error) {
	name, err := dsn(path, "query_only(ON)")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers) // none is closed in between, or its prepared statements would go with it
	return &reader{&statements{on: db, kept: map[string]statement{}}, db}, nil
}

func (r *reader) close() error { return r.db.Close() }
