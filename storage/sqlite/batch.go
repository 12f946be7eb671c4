package sqlite

import (
	"context"
	"errors"
)

// transaction is the writer's transaction while a batch runs in it.
type transaction struct {
	*writer
	err error // set when SQLite has rolled back the whole transaction; then no more calls are made in it
}

type transactionKey struct{}

// transactionOf returns the transaction in which calls with a context run, or nil if ctx is not that of a batch.
func transactionOf(ctx context.Context) *transaction {
	t, _ := ctx.Value(transactionKey{}).(*transaction)
	return t
}

// connection returns where queries with a context run. Those of a batch use the writer's connection, because no other one
// sees what the batch has written.
func connection(ctx context.Context, r *reader) *statements {
	if t := transactionOf(ctx); t != nil {
		return t.statements
	}
	return r.statements
}

// Batch runs every batch as one job of the writer, atomic or not, because one transaction takes one fsync. Other writes wait
// meanwhile. A batch that finds the disk full fails, even if it only deletes: unlike another deletion, it cannot run again.
func (s *Store) Batch(ctx context.Context, _ bool, do func(ctx context.Context) error) error {
	return s.call(ctx, func() error {
		t := &transaction{writer: s.writes}
		return s.writes.lend(ctx, func() error {
			err := do(context.WithValue(ctx, transactionKey{}, t))
			return errors.Join(err, t.err)
		})
	})
}

var errUnfinished = errors.New("the batch did not finish")

// lend runs do in a job while the writer's goroutine waits. do runs on the goroutine of its request, so that a panic ends only
// that request.
func (w *writer) lend(ctx context.Context, do func() error) error {
	begun, result := make(chan struct{}), make(chan error, 1)
	j := &job{ctx: ctx, do: func(*statements) error {
		close(begun)
		return <-result
	}}
	w.add(j)
	select {
	case <-begun:
		finish(do, result)
	case <-j.done: // the job was rejected
	}
	<-j.done
	return j.err
}

// finish sends the result of do, also if do panics.
func finish(do func() error, result chan<- error) {
	err := errUnfinished
	defer func() { result <- err }()
	err = do()
}

// call runs do unless the transaction was rolled back.
func (t *transaction) call(do func() error) error {
	if t.err != nil {
		return t.err
	}
	return do()
}

// run runs a write in a savepoint inside that of the batch.
func (t *transaction) run(j *job) error {
	if t.err = t.runJob(j); t.err != nil {
		return t.err
	}
	return j.err
}
