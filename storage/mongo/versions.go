package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// versionField is the field of a book's version. A book of an older build has none, which is version 0.
const versionField = "version"

// ownedBook returns the filter for a book of that owner that a change applies to. The version is a part of it, so of two
// changes that apply to the same version only one is made.
func ownedBook(id, owner models.ID, ifVersion models.Versions) bson.M {
	filter := bson.M{"_id": objectID(id), "user_id": owner}
	if ifVersion == nil {
		return filter
	}
	versions := bson.A{}
	for _, version := range ifVersion {
		if versions = append(versions, version); version == 0 {
			versions = append(versions, nil) // no such field
		}
	}
	filter[versionField] = bson.M{"$in": versions}
	return filter
}

// versionError returns models.ErrVersion for a change that has found no book because of its version. It returns any other
// error as it is.
func (s books) versionError(ctx context.Context, filter bson.M, err error) error {
	if filter[versionField] == nil || models.CodeOf(err) != models.NotFound {
		return err
	}
	filter = maps.Clone(filter)
	delete(filter, versionField)
	if err := s.do(func() error { return s.coll.FindOne(ctx, filter).Err() }); err != nil {
		return err
	}
	return models.ErrVersion
}
