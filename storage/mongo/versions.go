package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// versionField is the field with a book's version. A book that an older build stored does not have the field: its version is
// 0.
const versionField = "version"

// ownedBook returns the filter for a change of a book of the owner. The filter includes the versions to which the change
// applies. So if two changes apply to the same version, only one of them is made.
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

// versionError turns NotFound into models.ErrVersion if a change has found no book because the book has another version. It
// returns any other error as it is.
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
