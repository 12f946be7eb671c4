package library

import (
	"context"

	"bookplate/models"
)

// Batches runs operations of one request together, as models.Store.Batch does.
type Batches struct {
	Store models.Store
}

type afterKey struct{}

// Run calls do, perhaps several times, with a context for the operations. What the operations do outside of the database,
// such as deleting a cover, is done when all of them are stored.
func (l *Batches) Run(ctx context.Context, atomic bool, do func(ctx context.Context) error) error {
	var after []func(context.Context)
	err := l.Store.Batch(ctx, atomic, func(ctx context.Context) error {
		after = nil // what an earlier call of do has wanted was undone
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

// afterwards calls f when the batch of ctx is stored, or at once if ctx is not that of a batch. The context of f is not that
// of a batch.
func afterwards(ctx context.Context, f func(ctx context.Context)) {
	if after, ok := ctx.Value(afterKey{}).(*[]func(context.Context)); ok {
		*after = append(*after, f)
		return
	}
	f(ctx)
}
