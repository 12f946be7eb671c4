package mongo

import (
	"bytes"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

var byID = options.Find().SetSort(bson.D{{Key: "_id", Value: 1}})

// id is the n-th ObjectID of the tests.
func id(n byte) bson.ObjectID { return bson.ObjectID{0: 0x65, 11: n} }

func modelID(n byte) models.ID { return models.ID(id(n).Hex()) }

// oldUser is an account as the tutorial stores it, with fields changed, or left out where the value is absent.
func oldUser(n byte, email string, changes bson.M) bson.M {
	return changed(bson.M{"_id": id(n), "name": "Ada Lovelace", "email": email, "password": "pbkdf2:sha256:1$s$h", "active": true}, changes)
}

// oldBook is a book as the tutorial stores it.
func oldBook(n byte, title string, changes bson.M) bson.M {
	return changed(bson.M{
		"_id": id(n), "title": title, "description": "About it", "category": "horror", "user_id": id(1).Hex(),
		"image_url": "http://localhost:5000/static/books/0.jpg",
	}, changes)
}

// absent is the value of a field that is to be left out.
type absent struct{}

func changed(doc, changes bson.M) bson.M {
	maps.Copy(doc, changes)
	maps.DeleteFunc(doc, func(_ string, v any) bool { return v == absent{} })
	return doc
}

// tutorial is a database of the tutorial, with what its races and its administrators left in it, and the keys that each
// document has to get.
type tutorial struct {
	docs []bson.M
	keys map[any]string // by _id; a document that is not here gets none
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

// openTutorial opens a store on a fresh database of the tutorial and returns it with its URL and what it logged.
func openTutorial(t *testing.T) (s *Store, url, logged string) {
	t.Helper()
	url = storagetest.MongoURL(t)
	db := rawDB(t, url)
	insert(t, db.Collection(usersName), tutorialUsers.docs)
	insert(t, db.Collection(booksName), tutorialBooks.docs)
	var log bytes.Buffer
	s, err := Open(t.Context(), url, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, url, log.String()
}

func TestLegacyOnlyKeysAreAdded(t *testing.T) {
	_, url, _ := openTutorial(t)
	db := rawDB(t, url)
	check := func() {
		t.Helper()
		for collection, want := range map[string]tutorial{usersName: tutorialUsers, booksName: tutorialBooks} {
			got := readAllRaw(t, db.Collection(collection))
			if len(got) != len(want.docs) {
				t.Errorf("%s: %d documents, want %d", collection, len(got), len(want.docs))
			}
			for _, doc := range got {
				want.check(t, doc)
			}
		}
	}
	check()
	open(t, url)
	check() // the second time nothing is left to do
}

// check compares a stored document with what it was, and its key.
func (old tutorial) check(t *testing.T, got bson.M) {
	t.Helper()
	for _, doc := range old.docs {
		if doc["_id"] != got["_id"] {
			continue
		}
		want := maps.Clone(doc)
		if key, ok := old.keys[doc["_id"]]; ok {
			field := emailKey
			if _, isBook := doc["title"]; isBook {
				field = titleKey
			}
			want[field] = key
		}
		if gotRaw, wantRaw := relaxed(t, got), relaxed(t, want); !reflect.DeepEqual(gotRaw, wantRaw) {
			t.Errorf("got  %v\nwant %v", gotRaw, wantRaw)
		}
		return
	}
	t.Errorf("unexpected document %v", got)
}

// relaxed is a document as it comes back from the driver.
func relaxed(t *testing.T, doc bson.M) (back bson.M) {
	t.Helper()
	raw, err := bson.Marshal(doc)
	if err == nil {
		err = bson.Unmarshal(raw, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestLegacyDuplicatesAreNamed(t *testing.T) {
	_, _, logged := openTutorial(t)
	for _, pair := range []string{
		"id=" + id(3).Hex() + " earlier=" + id(1).Hex(),
		"id=" + id(4).Hex() + " earlier=" + id(1).Hex(),
		"id=" + id(2).Hex() + " earlier=" + id(1).Hex(), // the books
	} {
		if !strings.Contains(logged, pair) {
			t.Errorf("the log lacks %q:\n%s", pair, logged)
		}
	}
	if strings.Contains(logged, "example.com") || strings.Contains(logged, "Emma") {
		t.Errorf("the log names more than ids:\n%s", logged)
	}
	if got := strings.Count(logged, "earlier="); got != 3 {
		t.Errorf("%d duplicates in the log, want 3:\n%s", got, logged)
	}
}

func TestLegacyBatches(t *testing.T) {
	const n = 2*legacyBatch + 1
	url := storagetest.MongoURL(t)
	coll := rawDB(t, url).Collection(booksName)
	docs := make([]bson.M, n)
	for i := range docs { // the first title and the last are the same
		docs[i] = oldBook(0, strings.Repeat("x", i%(n-1)), bson.M{"_id": bson.ObjectID{0: 0x65, 10: byte(i >> 8), 11: byte(i)}})
	}
	insert(t, coll, docs)
	open(t, url)
	for i, doc := range readAllRaw(t, coll) {
		if _, keyed := doc[titleKey]; keyed != (i < n-1) {
			t.Errorf("book %d of %d: has a key: %v", i, n, keyed)
		}
	}
}
