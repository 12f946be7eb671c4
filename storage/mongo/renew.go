package mongo

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
)

// keyedNames has the fields of an account that have a key, and the keys.
var keyedNames = []struct {
	name, key string
	of        func(string) string
}{
	{"email", emailKey, models.EmailKey},
	{"username", usernameKey, models.UsernameKey},
}

// renewKeys gives accounts the keys that their names have now. Earlier builds compared names without composing them, which
// makes a difference only outside of ASCII. Of two accounts whose keys become the same, one keeps its old key.
func (s *Store) renewKeys(ctx context.Context) error {
	coll := s.db.Collection(usersName)
	for _, field := range keyedNames {
		cursor, err := coll.Find(ctx, bson.M{field.key: bson.M{"$regex": "[^ -~]"}})
		if err != nil {
			return err
		}
		var accounts []bson.Raw // few have such names
		if err := cursor.All(ctx, &accounts); err != nil {
			return err
		}
		for _, account := range accounts {
			name, isText := account.Lookup(field.name).StringValueOK()
			if key := field.of(name); isText && key != account.Lookup(field.key).StringValue() {
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

// keyTaken reports whether an account has a key. Some servers report a duplicate with a code of their own.
func (s *Store) keyTaken(ctx context.Context, field, key string) bool {
	return s.db.Collection(usersName).FindOne(ctx, bson.M{field: key}).Err() == nil
}
