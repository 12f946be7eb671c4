package mongo

import (
	"log/slog"
	"maps"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
)

// id returns the n-th ObjectID of the tests.
func id(n byte) bson.ObjectID { return bson.ObjectID{0: 0x65, 11: n} }

func modelID(n byte) models.ID { return models.ID(id(n).Hex()) }

// oldUser returns an account as the tutorial stores it, with changes to its fields. The value absent{} in changes
// removes a field.
func oldUser(n byte, email string, changes bson.M) bson.M {
	return changed(bson.M{
		"_id": id(n), "name": "Ada Lovelace", "email": email, "password": "pbkdf2:sha256:1$s$h", "active": true,
	}, changes)
}

// oldBook returns a book as the tutorial stores it, with changes to its fields.
func oldBook(n byte, title string, changes bson.M) bson.M {
	return changed(bson.M{
		"_id": id(n), "title": title, "description": "About it", "category": "horror", "user_id": id(1).Hex(),
		"image_url": "http://localhost:5000/static/books/0.jpg",
	}, changes)
}

// absent is the new value of a field that should be removed.
type absent struct{}

func changed(doc, changes bson.M) bson.M {
	maps.Copy(doc, changes)
	maps.DeleteFunc(doc, func(_ string, v any) bool { return v == absent{} })
	return doc
}

// tutorial is a collection of the tutorial's database, with duplicates as concurrent requests create them and odd
// values as manual edits do. keys are the keys that its documents should get.
type tutorial struct {
	docs []bson.M
	keys map[any]string // by _id; other documents get no key
}

var tutorialUsers = tutorial{
	docs: []bson.M{
		oldUser(1, "ada@example.com", nil),
		oldUser(2, "Grace@Example.com", bson.M{"nickname": "Amazing", "tags": bson.A{"navy", int32(1906)}}),
		oldUser(3, "ada@example.com", bson.M{"name": "Second Ada"}),
		oldUser(4, "ADA@example.com", bson.M{"name": "Third Ada"}),
		oldUser(5, "gone@example.com", bson.M{"active": false}),
		oldUser(6, "gone@example.com", bson.M{"active": int32(0)}),
		oldUser(7, "implied@example.com", bson.M{"active": absent{}}),
		oldUser(8, "null@example.com", bson.M{"active": nil, "name": int32(7)}),
		oldUser(9, "", bson.M{"email": absent{}}),
		oldUser(0, "foreign@example.com", bson.M{"_id": "made elsewhere"}),
	},
	keys: map[any]string{
		id(1): "ada@example.com", id(2): "grace@example.com", id(7): "implied@example.com", id(8): "null@example.com",
	},
}

var tutorialBooks = tutorial{
	docs: []bson.M{
		oldBook(1, "Emma", nil),
		oldBook(2, "Emma", bson.M{"description": "The same once more"}),
		oldBook(3, "Emma", bson.M{"user_id": id(2).Hex()}),
		oldBook(4, "Poems", bson.M{"category": "peotry"}),
		oldBook(5, "Nothing", bson.M{"description": nil, "category": int32(5), "image_url": absent{}}),
		oldBook(6, "Numbers", bson.M{"description": 1.5, "category": absent{}, "isbn": bson.M{"10": "0141439580"}}),
		oldBook(7, "", bson.M{"title": nil}),
		oldBook(8, "", bson.M{"user_id": nil}),
		oldBook(0, "Foreign", bson.M{"_id": "made elsewhere"}),
		oldBook(9, "Keyed", bson.M{"title_key": id(1).Hex() + "/Keyed"}),
	},
	keys: map[any]string{
		id(1): id(1).Hex() + "/Emma", id(3): id(2).Hex() + "/Emma", id(4): id(1).Hex() + "/Poems",
		id(5): id(1).Hex() + "/Nothing", id(6): id(1).Hex() + "/Numbers", id(9): id(1).Hex() + "/Keyed",
	},
}

// openTutorial opens a store on a new database with the tutorial's documents. It returns the store, its URL and its log.
func openTutorial(t *testing.T) (s *Store, url, logged string) {
	t.Helper()
	url = tutorialLibrary(t)
	var log syncBuffer
	s, err := Open(t.Context(), url, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	waitPrepared(t, s)
	return s, url, log.String()
}
