package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// The filter that unchanged returns matches the account that was found, whatever types its fields have. It stops
// matching when one of the fields changes.
func TestUnchanged(t *testing.T) {
	url := storagetest.MongoURL(t)
	s := open(t, url)
	accounts := users{s, s.db.Collection(usersName)}
	for name, doc := range map[string]bson.M{
		"current":    {"email": "ada@example.com", "username": "ada", "active": false},
		"tutorial":   {"email": "old@example.com", "active": true},
		"no fields":  {},
		"odd types":  {"email": 7, "username": nil, "active": "no"},
		"a pattern":  {"email": bson.Regex{Pattern: "^a"}},
		"a document": {"email": bson.M{"at": "example.com"}},
	} {
		id := bson.NewObjectIDFromTimestamp(updatedAt)
		doc["_id"] = id
		insert(t, accounts.coll, []bson.M{doc})
		filter := bson.M{"_id": id}
		found, err := accounts.raw(t.Context(), filter)
		if err != nil {
			t.Fatal(err)
		}
		same := unchanged(filter, found, "email", "username", "active")
		if _, err := accounts.change(t.Context(), same, bson.M{"$set": bson.M{"name": "Ada"}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, field := range []string{"active", "username", "email"} {
			if _, err := accounts.coll.ReplaceOne(t.Context(), filter, doc); err != nil {
				t.Fatal(err)
			}
			if _, err := accounts.change(t.Context(), filter, bson.M{"$set": bson.M{field: "another"}}); err != nil {
				t.Fatal(err)
			}
			_, err := accounts.change(t.Context(), same, bson.M{"$set": bson.M{"name": "Ada"}})
			if models.CodeOf(err) != models.NotFound {
				t.Errorf("%s, after %s changed: got %v, want not found", name, field, err)
			}
		}
	}
}
