package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// stateID is the _id of the one document that says how far the database is prepared.
const stateID = "library"

type stateDoc struct {
	Keyed bool `bson:"keyed"` // the documents of the tutorial have their keys
}

// readState reads whether old documents have yet to get their keys.
func (s *Store) readState(ctx context.Context) error {
	var state stateDoc
	err := s.db.Collection(stateName).FindOne(ctx, bson.M{"_id": stateID}).Decode(&state)
	if err != nil && !errors.Is(err, driver.ErrNoDocuments) {
		return err
	}
	s.preparing.Store(!state.Keyed)
	return nil
}

// endPreparing stores that the old documents have their keys, so that the next start does not wait for them.
func (s *Store) endPreparing(ctx context.Context) error {
	if !s.preparing.Load() {
		return nil
	}
	_, err := s.db.Collection(stateName).UpdateOne(ctx, bson.M{"_id": stateID},
		bson.M{"$set": stateDoc{Keyed: true}}, options.UpdateOne().SetUpsert(true))
	if err != nil {
		return err
	}
	s.preparing.Store(false)
	if n := s.prepared.Load(); n > 0 {
		s.log.Info("the tutorial's documents are prepared", "documents", n)
	}
	return nil
}

// Preparing returns how many documents of an old database have been prepared so far.
func (s *Store) Preparing() (documents int64) {
	if !s.preparing.Load() {
		return 0
	}
	return s.prepared.Load()
}

// progressStep is how many documents are prepared from one line of the log to the next: on a slow server it takes some
// ten seconds.
const progressStep = 5000

// noteProgress counts documents that have been prepared. It logs the first, and then every step.
func (s *Store) noteProgress(documents int) {
	if !s.preparing.Load() {
		return
	}
	now := s.prepared.Add(int64(documents))
	if before := now - int64(documents); before == 0 || before/progressStep < now/progressStep {
		s.log.Info("preparing the tutorial's documents beside the requests", "documents", now)
	}
}
