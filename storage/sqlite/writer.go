package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modernc.org/sqlite"

	"bookplate/models"
)

// maxBatch is the largest number of writes in a transaction. A write takes tens of microseconds, and the fsync of the
// transaction takes milliseconds. So 256 writes share the cost of one fsync and are still committed soon.
const maxBatch = 256

// job is a write in the queue.
type job struct {
	ctx     context.Context
	do      func(*statements) error
	deletes bool // a deletion frees room, so it also runs on a full disk
	err     error
	done    chan struct{} // closed when the write is durable or has failed
}

// writer owns the only connection that writes. A goroutine takes jobs from the queue and runs them on this connection.
type writer struct {
	*statements
	file    *file
	reserve *reserve
	db      *sql.DB
	conn    *sql.Conn
	queue   chan *job
	stopped chan struct{} // closed when the goroutine has ended

	authenticated   authenticated
	accountsChanged bool  // whether the transaction changes sessions or accounts
	dataVersion     int64 // changes when another program changes the database
}

func openWriter(
	ctx context.Context, f *file, prepare func(context.Context, *sql.Conn, fs.ReadFileFS) error,
) (*writer, error) {
	name, err := dsn(f.path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the database %s: %w", f.path, err), db.Close())
	}
	if err := prepare(ctx, conn, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot use the database %s: %w", f.path, err), conn.Close(), db.Close())
	}
	w := &writer{
		statements: &statements{preparer: conn, prepared: map[string]statement{}},
		file:       f, reserve: &reserve{path: f.path + reserveSuffix}, db: db, conn: conn,
		queue: make(chan *job, maxBatch-1), stopped: make(chan struct{}),
	}
	if err := watchAccounts(conn, func() { w.accountsChanged = true }); err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	go w.run()
	return w, nil
}

// do queues a write and waits until it is durable or has failed.
func (w *writer) do(j *job) error {
	w.add(j)
	<-j.done
	return j.err
}

func (w *writer) add(j *job) {
	j.done = make(chan struct{})
	w.queue <- j
}

// run commits one batch after another until the queue is closed. While it commits a batch, the jobs of the next batch
// gather in the queue.
func (w *writer) run() {
	defer close(w.stopped)
	tick := time.NewTicker(checkInterval)
	defer tick.Stop()
	for {
		select {
		case first, open := <-w.queue:
			if !open {
				return
			}
			w.runBatch(first)
		case <-tick.C:
			_ = w.file.check() // the next write returns the error
			w.forgetForeign()
		}
	}
}

// runBatch runs a job together with the jobs in the queue.
func (w *writer) runBatch(first *job) {
	batch := append(make([]*job, 0, len(w.queue)+1), first)
	for len(batch) < cap(batch) {
		batch = append(batch, <-w.queue)
	}
	w.try(batch)
	for _, j := range batch {
		close(j.done)
	}
}

// try commits a batch if the database file is still in place. While the disk is full, it rejects all jobs except
// deletions. If a deletion finds the disk full, try removes the reserve and runs the deletion again.
func (w *writer) try(batch []*job) {
	if err := w.file.check(); err != nil {
		fail(batch, err)
		return
	}
	if err := w.reserve.hold(); err != nil {
		fail(batch, err)
		w.commit(only(batch, func(j *job) bool { return j.deletes }))
		return
	}
	w.commit(batch)
	if rejected := only(batch, (*job).needsRoom); len(rejected) > 0 {
		w.reserve.release()
		w.commit(rejected)
	}
}

// needsRoom reports whether a job is a deletion that failed because the disk is full.
func (j *job) needsRoom() bool {
	return j.deletes && models.CodeOf(translate(j.err)) == models.InsufficientStorage
}

func only(batch []*job, matches func(*job) bool) []*job {
	return slices.DeleteFunc(slices.Clone(batch), func(j *job) bool { return !matches(j) })
}

func fail(batch []*job, err error) {
	for _, j := range batch {
		j.err = err
	}
}

// commit runs a batch in one transaction. If the transaction fails, all jobs fail.
func (w *writer) commit(batch []*job) {
	if err := w.transact(batch); err != nil {
		fail(batch, err)
	}
}

// transact runs a batch in one transaction. If it returns an error, the whole batch was rolled back.
func (w *writer) transact(batch []*job) (err error) {
	defer w.forgetChanged()
	if _, err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = w.exec("ROLLBACK") // fails if SQLite has already rolled back, as it does for some full disks
		}
	}()
	run := w.runJob
	if len(batch) == 1 {
		run = w.runAlone
	}
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			continue // the context ended while the job was queued
		}
		if err := run(j); err != nil {
			return err
		}
	}
	_, err = w.exec("COMMIT")
	return err
}

// forgetChanged forgets the sessions if the transaction may have changed sessions or accounts.
func (w *writer) forgetChanged() {
	if w.accountsChanged {
		w.authenticated.forget()
		w.accountsChanged = false
	}
}

// runAlone runs the only job of a transaction. It needs no savepoint, because its error is that of the transaction.
func (w *writer) runAlone(j *job) error {
	j.err = j.do(w.statements)
	return j.err
}

// runJob runs a job in a savepoint, so that a failed job does not undo the other jobs. It stores the error of the job
// in the job. If runJob itself returns an error, the whole transaction fails.
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

// close runs the queued jobs, checkpoints the write-ahead log, and unlocks the database file. If the file was removed
// or replaced, close saves the data to another file and returns an error. The caller must not queue more jobs.
func (w *writer) close() error {
	close(w.queue)
	<-w.stopped
	_, err := w.exec("PRAGMA wal_checkpoint(TRUNCATE)")
	if errors.Is(w.file.check(), errReplaced) {
		err = errors.Join(err, w.save())
	}
	return errors.Join(err, w.conn.Close(), w.db.Close(), w.file.unlock())
}

// save writes the data to a new file in the database folder. It always returns an error, so that the operator learns
// where the data is.
func (w *writer) save() error {
	name, err := w.copy()
	if err = errors.Join(err, w.keepLog()); err != nil {
		return fmt.Errorf("the database file %s was removed or replaced, and its data could not be saved: %w", w.file.path, err)
	}
	return fmt.Errorf("the database file %s was removed or replaced: its data is now in %s", w.file.path, name)
}

// copy writes the data to a new file in the database folder, and returns the file's name. If the folder is missing,
// copy creates it.
func (w *writer) copy() (name string, err error) {
	folder, base := filepath.Dir(w.file.path), filepath.Base(w.file.path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(folder, base+".saved-*") // its mode is 0600
	if err != nil {
		return "", err
	}
	_, err = w.exec("VACUUM INTO ?", f.Name())
	return f.Name(), errors.Join(err, f.Sync(), f.Close())
}

// keepLog stops SQLite from removing the write-ahead log when the connection is closed, because another database may
// have replaced this one, and then the log belongs to that database.
func (w *writer) keepLog() error {
	return w.conn.Raw(func(driver any) error {
		_, err := driver.(sqlite.FileControl).FileControlPersistWAL("main", 1)
		return err
	})
}
