package mongo

import (
	"context"
	"maps"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// enable has the account that filter finds take its keys again. They are made of what it is found to be, so it is
// changed only if it still is that: in between, another call may have enabled it, given it other names and disabled it.
// Then it is read anew.
func (s users) enable(ctx context.Context, filter bson.M, up models.UserUpdate) (models.User, error) {
	for {
		found, err := s.raw(ctx, filter)
		if err != nil {
			return models.User{}, err
		}
		set, err := s.revival(ctx, found)
		if err != nil {
			return models.User{}, err
		}
		maps.Copy(set, userChange(up))
		user, err := s.change(ctx, unchanged(filter, found, "email", "username", "active"), bson.M{"$set": set})
		if models.CodeOf(err) != models.NotFound {
			return user, err
		}
	}
}

// raw returns an account as it is stored.
func (s users) raw(ctx context.Context, filter bson.M) (doc bson.Raw, err error) {
	err = s.do(func() error {
		doc, err = s.coll.FindOne(ctx, filter).Raw()
		return err
	})
	return doc, err
}

// revival removes the sessions and the one-time tokens of an account that is about to be enabled, and returns the keys
// that it takes again. They come first: should the update fail, the account is still disabled, and nobody can have
// signed in to it or used a link.
func (s users) revival(ctx context.Context, found bson.Raw) (keys bson.M, err error) {
	user, err := userDocument.read(found)
	if err != nil {
		return nil, err
	}
	if !user.Active {
		if err := s.Sessions().DeleteAll(ctx, user.ID, ""); err != nil {
			return nil, err
		}
		if _, err := s.OneTimeTokens().DeleteAll(ctx, user.ID); err != nil {
			return nil, err
		}
	}
	keys = bson.M{emailKey: models.EmailKey(user.Email)}
	if user.Username != "" {
		keys[usernameKey] = models.UsernameKey(user.Username)
	}
	return keys, nil
}

// unchanged narrows filter to the document as it was found, in these fields. The values are compared as they are stored:
// what is read as text need not be text.
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
