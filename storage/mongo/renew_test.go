package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// Old keys are replaced by the keys that this version computes. If two accounts get the same key, one of them keeps its
// old key.
func TestOldKeysAreRenewed(t *testing.T) {
	url := storagetest.MongoURL(t)
	account := func(n byte, name string) bson.M {
		return bson.M{
			"_id": id(n), "name": "Zoe Doe", "email": name + "@example.com", "email_key": name + "@example.com", "password": "h",
			"active": true, "username": name, "username_key": name,
		}
	}
	insert(t, rawDB(t, url).Collection(usersName), []bson.M{
		account(1, "zoe\u0308"), account(2, "zo\u00eb"), account(3, "lo\u0308we"), account(4, "ada"),
	})
	s := open(t, url)
	for name, want := range map[string]byte{"zo\u00eb": 2, "l\u00f6we": 3, "ada": 4} {
		byName, err := s.Users().GetByUsername(t.Context(), name)
		if err != nil || byName.ID != models.ID(id(want).Hex()) {
			t.Errorf("username %s: got %+v, error %v", name, byName, err)
		}
		byEmail, err := s.Users().GetByEmail(t.Context(), name+"@example.com")
		if err != nil || byEmail.ID != byName.ID {
			t.Errorf("address %s: got %+v, error %v", name, byEmail, err)
		}
	}
	if u, err := s.Users().Get(t.Context(), modelID(1)); err != nil || u.Username != "zoe\u0308" {
		t.Errorf("the account with its old key: got %+v, error %v", u, err)
	}
}
