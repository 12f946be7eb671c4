package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// sourceAnswers stores the answers of the metadata sources about ISBNs.
type sourceAnswers struct {
	*Store
	coll *driver.Collection
}

// sourceAnswerID returns the filter for the answer of a source about an ISBN. There is at most one.
func sourceAnswerID(source, isbn string) bson.M { return bson.M{"_id": source + "/" + isbn} }

// Get returns the answer of a source about an ISBN.
func (s sourceAnswers) Get(ctx context.Context, source, isbn string) (models.SourceAnswer, error) {
	return sourceAnswerDocument.one(s.Store, func() *driver.SingleResult {
		return s.coll.FindOne(ctx, sourceAnswerID(source, isbn))
	})
}

// Put stores an answer.
func (s sourceAnswers) Put(ctx context.Context, a models.SourceAnswer) error {
	upsert := func() error {
		_, err := s.coll.ReplaceOne(ctx, sourceAnswerID(a.Source, a.ISBN), sourceAnswerDocument.of(a),
			options.Replace().SetUpsert(true))
		return err
	}
	err := s.do(upsert)
	if models.CodeOf(err) == models.Conflict {
		err = s.do(upsert) // another call has inserted an answer
	}
	return err
}

// DeleteExpired deletes the answers that expired before now.
func (s sourceAnswers) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.deleteMany(ctx, s.coll, bson.M{"expires_at": bson.M{"$lt": now}})
}
