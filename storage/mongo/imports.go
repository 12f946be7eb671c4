package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// imports stores imports of files, and their lines in batches.
type imports struct {
	*Store
	coll    *driver.Collection
	batches *driver.Collection
}

// Create stores a new import.
func (s imports) Create(ctx context.Context, i models.Import) error {
	err := s.do(func() error {
		_, err := s.coll.InsertOne(ctx, importDocument.of(i))
		return err
	})
	if err != nil {
		return err
	}
	return s.keepIfOwned(ctx, i.UserID, func(ctx context.Context) error { return s.DeleteAll(ctx, i.UserID) })
}

// Get returns an import.
func (s imports) Get(ctx context.Context, id models.ID) (models.Import, error) {
	return importDocument.one(s.Store, func() *driver.SingleResult { return s.coll.FindOne(ctx, bson.M{"_id": objectID(id)}) })
}

// List returns a page of imports.
func (s imports) List(ctx context.Context, f models.ImportFilter) ([]models.Import, error) {
	cond, operator, direction := bson.M{"user_id": f.UserID}, "$lt", -1
	if f.UserID == "" {
		cond, operator, direction = bson.M{"finished_at": bson.M{"$exists": false}}, "$gt", 1
	}
	cond["state"] = bson.M{"$ne": models.ImportReceiving}
	if f.After != "" {
		cond["_id"] = bson.M{operator: objectID(f.After)}
	}
	return importDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, cond,
			options.Find().SetSort(bson.D{{Key: "_id", Value: direction}}).SetLimit(int64(f.Limit)))
	})
}

// Update replaces an import that has not changed.
func (s imports) Update(ctx context.Context, before, after models.Import) error {
	same := bson.M{"_id": objectID(before.ID), "state": before.State, "next_batch": before.NextBatch}
	found := false
	err := s.do(func() error {
		res, err := s.coll.ReplaceOne(ctx, same, importDocument.of(after))
		found = err == nil && res.MatchedCount == 1
		return err
	})
	if err != nil || found {
		return err
	}
	if _, err := s.Get(ctx, before.ID); err != nil {
		return err
	}
	return &models.Error{Code: models.Conflict, Err: errors.New("the import has changed")}
}

// batchID returns the _id of a batch.
func batchID(importID models.ID, number int) bson.M {
	return bson.M{"_id": fmt.Sprintf("%s/%d", importID, number)}
}

// PutBatch stores a batch. Then it checks that the import exists, and deletes the batch if not. An import is deleted before
// its batches, so either its deletion finds this batch, or the check fails.
func (s imports) PutBatch(ctx context.Context, b models.ImportBatch) error {
	id := batchID(b.ImportID, b.Number)
	err := s.do(func() error {
		_, err := s.batches.ReplaceOne(ctx, id, importBatchDocument.of(b), options.Replace().SetUpsert(true))
		return err
	})
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if _, err = s.Get(ctx, b.ImportID); models.CodeOf(err) == models.NotFound {
		_, deleteErr := s.deleteMany(ctx, s.batches, id)
		err = errors.Join(err, deleteErr)
	}
	return err
}

// Batch returns a batch.
func (s imports) Batch(ctx context.Context, importID models.ID, number int) (models.ImportBatch, error) {
	return importBatchDocument.one(s.Store, func() *driver.SingleResult {
		return s.batches.FindOne(ctx, batchID(importID, number))
	})
}

// DeleteAll deletes the imports of a user.
func (s imports) DeleteAll(ctx context.Context, userID models.ID) error {
	_, err := s.deleteImports(ctx, bson.M{"user_id": userID})
	return err
}

// DeleteOld deletes the imports that finished before a time, and those that are still being received.
func (s imports) DeleteOld(ctx context.Context, finished, received time.Time) (int64, error) {
	n, err := s.deleteImports(ctx, bson.M{"finished_at": bson.M{"$lt": finished}})
	if err != nil {
		return n, err
	}
	more, err := s.deleteImports(ctx, bson.M{
		"finished_at": bson.M{"$exists": false}, "state": models.ImportReceiving, "created_at": bson.M{"$lt": received},
	})
	return n + more, err
}

// deleteImports deletes imports, and each import before its batches.
func (s imports) deleteImports(ctx context.Context, cond bson.M) (n int64, err error) {
	list, err := importDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, cond, options.Find().SetProjection(bson.M{"_id": 1}))
	})
	for _, i := range list {
		if _, err := s.deleteMany(ctx, s.coll, bson.M{"_id": objectID(i.ID)}); err != nil {
			return n, err
		}
		n++
		if _, err := s.deleteMany(ctx, s.batches, bson.M{"import_id": i.ID}); err != nil {
			return n, err
		}
	}
	return n, err
}
