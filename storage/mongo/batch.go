package mongo

import (
	"context"

	"bookplate/models"
)

// Batch runs an atomic batch in a transaction. If the batch is not atomic, each write is stored at once.
func (s *Store) Batch(ctx context.Context, atomic bool, do func(ctx context.Context) error) error {
	if !atomic {
		return do(ctx)
	}
	if err := s.requireTransactions(ctx); err != nil {
		return err
	}
	var failed error // of do, which is translated already
	err := s.do(func() error {
		return s.client.Transact(ctx, func(ctx context.Context) error {
			failed = do(ctx)
			return failed
		})
	})
	if failed != nil {
		return failed
	}
	return err
}

// requireTransactions returns AtomicUnsupported if the MongoDB server has no transactions.
func (s *Store) requireTransactions(ctx context.Context) error {
	var has bool
	err := s.do(func() (err error) {
		has, err = s.client.HasTransactions(ctx)
		return err
	})
	if err == nil && !has {
		return &models.Error{Code: models.AtomicUnsupported}
	}
	return err
}
