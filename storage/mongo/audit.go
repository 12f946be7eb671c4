package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// audit stores the audit log.
type audit struct {
	*Store
	coll *driver.Collection
}

// Append adds an entry.
func (s audit) Append(ctx context.Context, e models.AuditEntry) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, auditDocument.of(e))
		return err
	})
}

// List returns a page of entries, newest first. It sorts by _id, because ids sort by time.
func (s audit) List(ctx context.Context, f models.AuditFilter) ([]models.AuditEntry, error) {
	return auditDocument.all(ctx, s.Store, func() (*driver.Cursor, error) {
		return s.coll.Find(ctx, bson.M{"_id": ids("$lt", f.Before)},
			options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(f.Limit)))
	})
}
