package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
)

// maxBatch is the largest number of writes in a transaction. A write takes tens of microseconds and the transaction's
// fsync takes milliseconds, so that 256 writes spread the cost of the fsync and still commit soon.
const maxBatch = 256

// job is a write in the queue.
type job struct {
	ctx  context.Context
	do   func(*statements) error
	err  error
	done chan struct{} // closed when the write is durable or has failed
}

// writer owns the only connection that writes. A goroutine takes jobs from the queue and runs them on it.
type writer struct {
	*statements
	db      *sql.DB
	conn    *sql.Conn
	queue   chan *job
	stopped chan struct{} // closed when the goroutine has ended
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
		return nil, errors.Join(fmt.Errorf("cannot open the database %s: %w", path, err), db.Close())
	}
	if err := prepare(ctx, conn, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot use the database %s: %w", path, err), conn.Close(), db.Close())
	}
	w := &writer{
		statements: &statements{preparer: conn, prepared: map[string]statement{}}, db: db, conn: conn,
		queue: make(chan *job, maxBatch-1), stopped: make(chan struct{}),
	}
	go w.run()
	return w, nil
}

// do queues a write and waits until it is durable or has failed.
func (w *writer) do(ctx context.Context, do func(*statements) error) error {
	j := &job{ctx: ctx, do: do, done: make(chan struct{})}
	w.queue <- j
	<-j.done
	return j.err
}

// run commits one batch after another until the queue is closed. The next batch collects in the queue meanwhile.
func (w *writer) run() {
	defer close(w.stopped)
	for first := range w.queue {
		batch := append(make([]*job, 0, len(w.queue)+1), first)
		for len(batch) < cap(batch) {
			batch = append(batch, <-w.queue)
		}
		if err := w.commit(batch); err != nil {
			for _, j := range batch {
				j.err = err
			}
		}
		for _, j := range batch {
			close(j.done)
		}
	}
}

// commit runs a batch in one transaction. If it returns an error, the whole batch was rolled back.
func (w *writer) commit(batch []*job) (err error) {
	if _, err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = w.exec("ROLLBACK") // it fails if SQLite has rolled back already, as for some full disks
		}
	}()
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			continue // the context ended while the job was queued
		}
		if err := w.runJob(j); err != nil {
			return err
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// runJob runs a job in a savepoint, so that its failure does not undo the other jobs. The job's own error is stored in
// the job. The returned error fails the whole transaction.
func (w *writer) runJob(j *job) error {
	if _, err := w.exec("SAVEPOINT job"); err != nil {
		return err
	}
	if j.err = j.do(w.statements); j.err != nil {
		if _, err := w.exec("ROLLBACK TO job"); err != nil {
			return j.err // the job's error made SQLite roll back the whole transaction
		}
	}
	_, err := w.exec("RELEASE job")
	return err
}

// close runs the queued jobs and moves the write-ahead log into the file. The caller must not queue more jobs.
func (w *writer) close() error {
	close(w.queue)
	<-w.stopped
	_, err := w.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(err, w.conn.Close(), w.db.Close())
}
