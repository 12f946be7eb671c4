package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// keyedNames lists the fields of an account that have a key. Each entry has the field, the field of its key, and the
// function that computes the key.
var keyedNames = []struct {
	name, key string
	keyOf     func(string) string
}{
	{"email", emailKey, models.EmailKey},
	{"username", usernameKey, models.UsernameKey},
}

// renewKeys recomputes the keys that earlier versions stored. Those versions did not convert Unicode to its composed
// form, so only keys with characters outside ASCII can differ. If another account has the new key, the account keeps
// its old key.
func (s *Store) renewKeys(ctx context.Context) error {
	coll := s.db.Collection(usersName)
	for _, field := range keyedNames {
		cursor, err := coll.Find(ctx, bson.M{field.key: bson.M{"$regex": "[^ -~]"}})
		if err != nil {
			return err
		}
		var accounts []bson.Raw // few accounts have such keys
		if err := cursor.All(ctx, &accounts); err != nil {
			return err
		}
		for _, account := range accounts {
			name, isText := account.Lookup(field.name).StringValueOK()
			if key := field.keyOf(name); isText && key != account.Lookup(field.key).StringValue() {
				same := bson.M{"_id": account.Lookup("_id"), field.name: name}
				_, err := coll.UpdateOne(ctx, same, bson.M{"$set": bson.M{field.key: key}})
				if err != nil && !driver.IsDuplicateKeyError(err) && !s.keyTaken(ctx, field.key, key) {
					return err
				}
			}
		}
	}
	return nil
}

// keyTaken reports whether an account has the key. It is needed because some servers report a duplicate key with
// another error code than MongoDB does.
func (s *Store) keyTaken(ctx context.Context, field, key string) bool {
	return s.db.Collection(usersName).FindOne(ctx, bson.M{field: key}).Err() == nil
}
