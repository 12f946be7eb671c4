package sqlite

import (
	"context"
	"errors"
)

// transaction is the transaction of the writer in which a batch runs.
type transaction struct {
	*writer
	err error // set when SQLite has rolled back the whole transaction; then no more calls are made in it
}

type transactionKey struct{}

// transactionOf returns the transaction of the batch to which a context belongs, or nil if it belongs to none.
func transactionOf(ctx context.Context) *transaction {
	t, _ := ctx.Value(transactionKey{}).(*transaction)
	return t
}

// connection returns the connection for queries with a context. In a batch, that is the writer's connection, because no other
// connection sees the batch's writes.
func connection(ctx context.Context, r *reader) *statements {
	if t := transactionOf(ctx); t != nil {
		return t.statements
	}
	return r.statements
}

// Batch runs a batch, atomic or not, as one job of the writer, because a single transaction needs a single fsync. Other
// writes wait for it. If the disk is full, the batch fails even if it only deletes, because a batch cannot be run a second
// time.
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

// lend gives the writer's transaction to do, and the writer's goroutine waits meanwhile. do runs on the goroutine of its
// request, so that a panic ends only that request.
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

// finish runs do and sends its result. If do panics, it sends errUnfinished.
func finish(do func() error, result chan<- error) {
	err := errUnfinished
	defer func() { result <- err }()
	err = do()
}

// call runs do, or returns the error because of which the transaction was rolled back.
func (t *transaction) call(do func() error) error {
	if t.err != nil {
		return t.err
	}
	return do()
}

// run runs a write of the batch in a nested savepoint.
func (t *transaction) run(j *job) error {
	if t.err = t.runJob(j); t.err != nil {
		return t.err
	}
	return j.err
}
