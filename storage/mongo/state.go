package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// stateID is the _id of the one document that says what is known of the library as a whole.
const stateID = "library"

type stateDoc struct {
	Keyed     bool   `bson:"keyed"` // the documents of the tutorial have their keys
	CoverMark string `bson:"cover_mark"`
}

// readState reads the mark of the covers, and whether old documents have yet to get their keys. The first of several
// copies of the server makes the mark.
func (s *Store) readState(ctx context.Context) error {
	var state stateDoc
	first := bson.M{"$setOnInsert": stateDoc{CoverMark: models.NewCoverMark()}}
	err := s.db.Collection(stateName).FindOneAndUpdate(ctx, bson.M{"_id": stateID}, first,
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&state)
	if err != nil {
		return err
	}
	s.coverMark = state.CoverMark
	s.preparing.Store(!state.Keyed)
	return nil
}

// CoverMark returns the library's.
func (s *Store) CoverMark() (mark string, err error) {
	err = s.do(func() error {
		mark = s.coverMark
		return nil
	})
	return mark, err
}

// endPreparing stores that the old documents have their keys, so that the next start does not wait for them.
func (s *Store) endPreparing(ctx context.Context) error {
	if !s.preparing.Load() {
		return nil
	}
	_, err := s.db.Collection(stateName).UpdateByID(ctx, stateID, bson.M{"$set": bson.M{"keyed": true}})
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
		s.log.Info("preparing the tutorial's documents", "documents", now)
	}
}
