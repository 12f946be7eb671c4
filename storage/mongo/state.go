package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
)

// stateID is the _id of the only document in the state collection.
const stateID = "library"

type stateDoc struct {
	Keyed     bool   `bson:"keyed"`   // all of the tutorial's documents have keys
	Derived   bool   `bson:"derived"` // all books have the fields of derivedFields
	CoverMark string `bson:"cover_mark"`
}

// readState reads the library's cover mark, and whether documents of the tutorial still need keys. If the database has
// no state document yet, readState creates it with a new mark.
func (s *Store) readState(ctx context.Context) error {
	var state stateDoc
	first := bson.M{"$setOnInsert": stateDoc{CoverMark: models.NewCoverMark()}}
	err := s.db.Collection(stateName).FindOneAndUpdate(ctx, bson.M{"_id": stateID}, first,
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&state)
	if err != nil {
		return err
	}
	if models.CopiedMark(state.CoverMark) != "" && !s.target {
		return models.ErrUnfinishedCopy
	}
	s.coverMark = state.CoverMark
	s.preparing.Store(!state.Keyed || !state.Derived)
	return nil
}

// CoverMark returns the library's random mark. The names of its covers contain the mark.
func (s *Store) CoverMark() (mark string, err error) {
	err = s.do(func() error {
		mark = s.coverMark
		return nil
	})
	return mark, err
}

// endPreparing records that the tutorial's documents have keys. The next start then serves calls without adding keys
// first.
func (s *Store) endPreparing(ctx context.Context) error {
	if !s.preparing.Load() {
		return nil
	}
	_, err := s.db.Collection(stateName).UpdateByID(ctx, stateID, bson.M{"$set": bson.M{"keyed": true, "derived": true}})
	if err != nil {
		return err
	}
	s.preparing.Store(false)
	if n := s.prepared.Load(); n > 0 {
		s.log.Info("the tutorial's documents are prepared", "documents", n)
	}
	return nil
}

// Preparing returns how many of the tutorial's documents have got their keys so far. It returns 0 if no document needs
// a key.
func (s *Store) Preparing() (documents int64) {
	if !s.preparing.Load() {
		return 0
	}
	return s.prepared.Load()
}

// progressStep is the number of documents between two log lines of a preparation. A slow server prepares that many in
// about ten seconds.
const progressStep = 5000

// addProgress adds to the number of prepared documents. It logs the number after the first batch, and then every
// progressStep documents.
func (s *Store) addProgress(documents int) {
	if !s.preparing.Load() {
		return
	}
	after := s.prepared.Add(int64(documents))
	if before := after - int64(documents); before == 0 || before/progressStep < after/progressStep {
		s.log.Info("preparing the tutorial's documents", "documents", after)
	}
}
