package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
)

// maxBatch is how many writes share a transaction at most: enough that its one fsync (milliseconds) weighs nothing
// beside them (tens of microseconds each), few enough that none waits long for the others.
const maxBatch = 256

// write is what one caller wants done.
type write struct {
	ctx  context.Context
	do   func(*statements) error
	err  error
	done chan struct{}
}

// writer is the one connection that writes, and the goroutine that has it.
type writer struct {
	*statements
	db      *sql.DB
	conn    *sql.Conn
	queue   chan *write
	stopped chan struct{}
}

func openWriter(
	ctx context.Context, path string, prepare func(context.Context, *sql.Conn, fs.ReadFileFS) error,
) (*writer, error) {
	name, err := dsn(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the database %s cannot be opened: %w", path, err), db.Close())
	}
	if err := prepare(ctx, conn, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("the database %s cannot be used: %w", path, err), conn.Close(), db.Close())
	}
	w := &writer{
		statements: &statements{on: conn, kept: map[string]statement{}}, db: db, conn: conn,
		queue: make(chan *write, maxBatch-1), stopped: make(chan struct{}),
	}
	go w.run()
	return w, nil
}

// do has a write done and waits until it is durable.
func (w *writer) do(ctx context.Context, do func(*statements) error) error {
	job := &write{ctx: ctx, do: do, done: make(chan struct{})}
	w.queue <- job
	<-job.done
	return job.err
}

// run commits batch after batch: while one is fsynced, the next gathers in the queue.
func (w *writer) run() {
	defer close(w.stopped)
	for first := range w.queue {
		batch := append(make([]*write, 0, len(w.queue)+1), first)
		for len(batch) < cap(batch) {
			batch = append(batch, <-w.queue)
		}
		if err := w.commit(batch); err != nil {
			for _, job := range batch {
				job.err = err
			}
		}
		for _, job := range batch {
			close(job.done)
		}
	}
}

// commit runs a batch in one transaction. Its error is that of all of them: none took place.
func (w *writer) commit(batch []*write) (err error) {
	if _, err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = w.exec("ROLLBACK") // an error means that SQLite has done so already, as for some full disks
		}
	}()
	for _, job := range batch {
		if job.err = job.ctx.Err(); job.err != nil {
			continue // its caller has given up before its turn came
		}
		if err := w.attempt(job); err != nil {
			return err
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// attempt runs one write so that the others stand if it fails. Its own error stays with it; the one returned spoils the
// transaction.
func (w *writer) attempt(job *write) error {
	if _, err := w.exec("SAVEPOINT job"); err != nil {
		return err
	}
	if job.err = job.do(w.statements); job.err != nil {
		if _, err := w.exec("ROLLBACK TO job"); err != nil {
			return job.err // it has cost the whole transaction, so it is the reason for all
		}
	}
	_, err := w.exec("RELEASE job")
	return err
}

// close finishes what is queued, and brings the log into the file. The caller sees to it that nothing more is queued.
func (w *writer) close() error {
	close(w.queue)
	<-w.stopped
	_, err := w.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, w.conn.Close(), w.db.Close())
}
