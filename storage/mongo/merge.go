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

// mergedField is the field of a kept book with the ids of the books that were merged into it.
const mergedField = "merged"

// mergedFrom are the fields of a kept book from which a merge computes its changes.
var mergedFrom = append([]string{"category", "pages", "copies", "cover", mergedField}, derivedFrom...)

// Merge merges books in several writes. If it is interrupted between two of them, the same call completes it.
//
// The first write changes the kept book and notes the ids of the books that are merged into it, so that a repeated merge does
// not do this again. Then, for each other book, the reading records, loans and places on shelves are moved. They are deleted
// only after the kept book has them. Then the other book is deleted, and what was stored about it meanwhile is moved, too.
// Nothing can be stored about it later, because the book no longer exists.
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

// mergeTime is the time limit of a merge.
const mergeTime = time.Minute

var errMerging = &models.Error{
	Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: errors.New("other books of this owner are being merged"),
}

// beginMerge takes a lease that lets an owner merge into only one book at a time. Otherwise two books could be merged into
// each other at once. The lease expires if the server is killed.
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

// absorb changes the kept book, and returns the covers that all of the books had before. It does nothing if all others were
// already merged into the kept book.
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
		covers := []models.Cover{kept.Cover}
		for _, b := range others {
			covers, merged = append(covers, b.Cover), append(merged, b.ID)
		}
		up := kept.Absorb(others)
		up.UpdatedAt = m.At
		after := up.Apply(kept)
		// The other books may be lent until they are deleted, and then their loans are moved. So the kept book is marked as lent.
		set := append(derivedFields(after), bson.E{Key: "lent", Value: true}, bson.E{Key: mergedField, Value: merged})
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

// mergedInto returns the ids of the books that were merged into the book in a BSON document.
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

// toMerge returns the books to merge. It leaves out those that were already merged.
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

// takeKey removes the unique key from a book that is to be merged, so that the kept book can have the key. Until it is
// deleted, the other book is like a duplicate that the tutorial stored. takeKey returns Conflict if any other book has the
// key.
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

// deleteMerged deletes a book after everything that users have stored about it was moved. It is not an error if there is no
// such book.
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
