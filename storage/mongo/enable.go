package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// enable enables the account that matches filter and sets its keys. The keys depend on fields that another call may
// change at the same time. So enable updates the account only if these fields still have the values that it has read.
// Otherwise it reads the account again and starts over.
func (s users) enable(ctx context.Context, filter bson.M, up models.UserUpdate) (models.User, error) {
	for {
		found, err := s.raw(ctx, filter)
		if err != nil {
			return models.User{}, err
		}
		before, err := userDocument.read(found)
		if err != nil {
			return models.User{}, err
		}
		if err := s.revokeAccess(ctx, before); err != nil {
			return models.User{}, err
		}
		set := userKeys(before)
		maps.Copy(set, userChange(up))
		user, err := s.change(ctx, unchanged(filter, found, "email", "username", "active"), bson.M{"$set": set})
		if models.CodeOf(err) != models.NotFound {
			return user, err
		}
	}
}

// raw returns the stored document of an account.
func (s users) raw(ctx context.Context, filter bson.M) (doc bson.Raw, err error) {
	err = s.do(func() error {
		doc, err = s.coll.FindOne(ctx, filter).Raw()
		return err
	})
	return doc, err
}

// revokeAccess deletes the sessions and the one-time tokens of a disabled account. Call it before the account is
// enabled. Then the old sessions and tokens never become valid again, even if a later step fails.
func (s users) revokeAccess(ctx context.Context, user models.User) error {
	if user.Active {
		return nil
	}
	if err := s.Sessions().DeleteAll(ctx, user.ID, ""); err != nil {
		return err
	}
	_, err := s.OneTimeTokens().DeleteAll(ctx, user.ID)
	return err
}

// userKeys returns the key fields of an active account.
func userKeys(user models.User) bson.M {
	keys := bson.M{emailKey: models.EmailKey(user.Email)}
	if user.Username != "" {
		keys[usernameKey] = models.UsernameKey(user.Username)
	}
	return keys
}

// unchanged adds a condition to filter: these fields must still have the values of found. It compares the stored values
// and not the decoded ones, because a field that is decoded as text may be stored as another type.
func unchanged(filter bson.M, found bson.Raw, fields ...string) bson.M {
	filter = maps.Clone(filter)
	for _, field := range fields {
		if value, err := found.LookupErr(field); err == nil {
			filter[field] = bson.M{"$eq": value}
		} else {
			filter[field] = bson.M{"$exists": false}
		}
	}
	return filter
}
