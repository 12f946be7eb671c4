package mongo

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/mongo/client"
)

// mergedField is the field of a book with the ids of the books that were merged into it.
const mergedField = "merged"

// mergedFrom are the fields that a merge is computed from.
var mergedFrom = append([]string{"category", "pages", "copies", "cover", mergedField}, derivedFrom...)

// Merge merges books. A merge that breaks off can be repeated at any point:
//   - First one write changes the kept book and records which books are merged into it. A repeated merge skips this.
//   - Then each reading, loan and place on a shelf is moved. It is deleted only after the kept book has it.
//   - Then the other book is deleted.
//   - What was stored about it until then is moved, too. Whoever stores something later finds no book.
func (s books) Merge(ctx context.Context, m models.Merge) (kept models.Book, covers []models.Cover, err error) {
	m.At = milliseconds(m.At)
	ctx, end, err := s.beginMerge(ctx, m)
	if err != nil {
		return models.Book{}, nil, err
	}
	defer end()
	if covers, err = s.absorb(ctx, m); err != nil {
		return models.Book{}, nil, err
	}
	for _, id := range m.From {
		if err := s.move(ctx, id, m.ID); err != nil {
			return models.Book{}, nil, err
		}
		if err := s.deleteMerged(ctx, id, m.Owner); err != nil {
			return models.Book{}, nil, err
		}
		if err := s.move(ctx, id, m.ID); err != nil {
			return models.Book{}, nil, err
		}
	}
	kept, err = s.Get(ctx, m.ID)
	return kept, covers, err
}

// mergeTime is the longest time that a merge may take.
const mergeTime = time.Minute

var errMerging = &models.Error{
	Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: errors.New("other books of this owner are being merged"),
}

// beginMerge makes sure that no book is merged into a book that is merged into another one at the same time. It takes a
// lease for the owner's merges into this book. If a server is killed, the lease ends by itself.
func (s books) beginMerge(ctx context.Context, m models.Merge) (_ context.Context, end func(), err error) {
	name, holder := "merge "+string(m.Owner), string(m.ID)
	taken, err := s.Leases().Take(ctx, name, holder, m.At, m.At.Add(mergeTime))
	if err == nil && !taken {
		err = errMerging
	}
	if err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeout(ctx, mergeTime)
	return limited, func() {
		cancel()
		if err := s.Leases().Release(context.WithoutCancel(ctx), name, holder); err != nil {
			s.log.Warn("a lease could not be released; it ends by itself", "lease", name, "error", err)
		}
	}, nil
}

// absorb changes the kept book, and returns the covers that the books had before. It does nothing if all books were merged
// into the kept one before.
func (s books) absorb(ctx context.Context, m models.Merge) (covers []models.Cover, err error) {
	filter := bson.M{"_id": objectID(m.ID), "user_id": m.Owner}
	for {
		found, err := s.raw(ctx, filter)
		if err != nil {
			return nil, err
		}
		merged := mergedInto(found)
		others, err := s.toMerge(ctx, m, merged)
		if err != nil || len(others) == 0 {
			return nil, err
		}
		kept, err := bookDocument.read(found)
		if err != nil {
			return nil, err
		}
		covers, lent := []models.Cover{kept.Cover}, kept.Lent
		for _, b := range others {
			covers, lent, merged = append(covers, b.Cover), lent || b.Lent, append(merged, b.ID)
		}
		up := kept.Absorb(others)
		up.UpdatedAt = m.At
		after := up.Apply(kept)
		set := append(derivedFields(after), bson.E{Key: "lent", Value: lent}, bson.E{Key: mergedField, Value: merged})
		if key := titleKeyOf(after); key != titleKeyOf(kept) {
			if err := s.takeKey(ctx, key, after.Title, m); err != nil {
				return nil, err
			}
			set = append(set, bson.E{Key: titleKey, Value: key})
		}
		_, err = s.change(ctx, unchanged(filter, found, mergedFrom...), up, set)
		if models.CodeOf(err) != models.NotFound {
			return covers, err
		}
	}
}

// mergedInto returns the ids of the books that were merged into the book of a document.
func mergedInto(found bson.Raw) (merged []models.ID) {
	var list texts
	if value := found.Lookup(mergedField); !value.IsZero() {
		_ = list.UnmarshalBSONValue(byte(value.Type), value.Value) // never fails
	}
	for _, id := range list {
		merged = append(merged, models.ID(id))
	}
	return merged
}

// toMerge returns the books to merge, without those that were merged before.
func (s books) toMerge(ctx context.Context, m models.Merge, merged []models.ID) (others []models.Book, err error) {
	found, err := s.byID(ctx, m.From, bson.M{"user_id": m.Owner}, withoutTerms)
	if err != nil {
		return nil, err
	}
	for _, id := range m.From {
		if slices.Contains(merged, id) {
			continue
		}
		b, ok := found[id]
		if !ok {
			return nil, &models.Error{Code: models.NotFound}
		}
		others = append(others, b)
	}
	return others, nil
}

// takeKey removes a key from a book that is merged, so that the kept book can have it. The book is then in the state of a
// duplicate that the tutorial stored. It returns Conflict if yet another book has the key.
func (s books) takeKey(ctx context.Context, key, title string, m models.Merge) error {
	if err := s.keyTitle(ctx, m.Owner, title); err != nil {
		return err
	}
	from := objectIDs(m.From)
	err := s.do(func() error {
		return s.coll.FindOne(ctx, bson.M{titleKey: key, "_id": bson.M{"$nin": from}}).Err()
	})
	if err == nil {
		return &models.Error{Code: models.Conflict}
	}
	if models.CodeOf(err) != models.NotFound {
		return err
	}
	return s.do(func() error {
		_, err := s.coll.UpdateMany(ctx, bson.M{titleKey: key, "_id": bson.M{"$in": from}}, bson.M{"$unset": bson.M{titleKey: ""}})
		return err
	})
}

// deleteMerged deletes a book whose readings, loans and places on shelves were moved. It is not an error if it is gone.
func (s books) deleteMerged(ctx context.Context, id, owner models.ID) error {
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	err := s.writeOne(ctx, s.coll, filter, func() error {
		return s.do(func() error { return s.coll.FindOneAndDelete(ctx, filter).Err() })
	})
	if models.CodeOf(err) == models.NotFound {
		return nil
	}
	return err
}
