package library

import (
	"context"

	"bookplate/models"
)

// Batches runs the operations of one request as one batch of the store.
type Batches struct {
	Store models.Store
}

type afterKey struct{}

// Run calls do with a context for the operations. It may call do several times. Effects outside of the database, such
// as deleting a cover, take place only after the whole batch is stored.
func (l *Batches) Run(ctx context.Context, atomic bool, do func(ctx context.Context) error) error {
	var after []func(context.Context)
	err := l.Store.Batch(ctx, atomic, func(ctx context.Context) error {
		after = nil // the store has undone earlier calls of do
		return do(context.WithValue(ctx, afterKey{}, &after))
	})
	if err != nil {
		return err
	}
	for _, f := range after {
		f(ctx)
	}
	return nil
}

// afterwards calls f after the batch of ctx is stored, or at once if ctx belongs to no batch. The context of f belongs
// to no batch.
func afterwards(ctx context.Context, f func(ctx context.Context)) {
	if after, ok := ctx.Value(afterKey{}).(*[]func(context.Context)); ok {
		*after = append(*after, f)
		return
	}
	f(ctx)
}
