package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// audit keeps the audit log.
type audit struct {
	*Store
	coll *driver.Collection
}

// auditDoc is a line of the audit log as it is stored.
type auditDoc struct {
	ID       objectID `bson:"_id"`
	ActorID  text     `bson:"actor_id"` // hex digits, as in a book
	Action   text     `bson:"action"`
	TargetID text     `bson:"target_id"`
	Detail   text     `bson:"detail"`
	At       moment   `bson:"at"`
	IP       text     `bson:"ip"`
}

func (d auditDoc) entry() models.AuditEntry {
	return models.AuditEntry{
		ID: models.ID(d.ID), ActorID: models.ID(d.ActorID), Action: models.Action(d.Action),
		TargetID: models.ID(d.TargetID), Detail: string(d.Detail), At: d.At.Time, IP: string(d.IP),
	}
}

// Append adds an entry.
func (s audit) Append(ctx context.Context, e models.AuditEntry) error {
	return s.do(func() error {
		_, err := s.coll.InsertOne(ctx, auditDoc{
			ID: objectID(e.ID), ActorID: text(e.ActorID), Action: text(e.Action), TargetID: text(e.TargetID),
			Detail: text(e.Detail), At: moment{e.At}, IP: text(e.IP),
		})
		return err
	})
}

// List returns a page of entries, by _id alone: ids sort by time.
func (s audit) List(ctx context.Context, f models.AuditFilter) (page []models.AuditEntry, err error) {
	err = s.do(func() error {
		cursor, err := s.coll.Find(ctx, bson.M{"_id": ids("$lt", f.Before)},
			options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(f.Limit)))
		if err != nil {
			return err
		}
		page, err = readAll(ctx, cursor, auditDoc.entry)
		return err
	})
	return page, err
}
