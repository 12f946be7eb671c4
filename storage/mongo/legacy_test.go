package mongo

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

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
	if err := open(t, url).addLegacyKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	check() // the second run changes nothing
}

// check compares a stored document with the tutorial's document. It must also have the key and the derived fields that this
// program adds.
func (old tutorial) check(t *testing.T, got bson.M) {
	t.Helper()
	for _, doc := range old.docs {
		if doc["_id"] != got["_id"] {
			continue
		}
		want := maps.Clone(doc)
		_, isServed := doc["_id"].(bson.ObjectID)
		if _, isBook := doc["title"]; isBook && isServed {
			for _, field := range derivedFields(models.Book{}) {
				if _, added := got[field.Key]; !added {
					t.Errorf("%v lacks %s", got, field.Key)
				}
				delete(got, field.Key)
			}
		}
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

// relaxed encodes and decodes a document, so that its values have the types that the driver returns.
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

func TestLegacyDuplicatesAreLogged(t *testing.T) {
	_, _, logged := openTutorial(t)
	for _, pair := range []string{
		"id=" + id(3).Hex() + " other=" + id(1).Hex(),
		"id=" + id(4).Hex() + " other=" + id(1).Hex(),
		"id=" + id(2).Hex() + " other=" + id(1).Hex(), // these are two books
	} {
		if !strings.Contains(logged, pair) {
			t.Errorf("the log does not contain %q:\n%s", pair, logged)
		}
	}
	if strings.Contains(logged, "example.com") || strings.Contains(logged, "Emma") {
		t.Errorf("the log contains an address or a title:\n%s", logged)
	}
	if got := strings.Count(logged, "other="); got != 3 {
		t.Errorf("%d duplicates in the log, want 3:\n%s", got, logged)
	}
}

func TestLegacyBatches(t *testing.T) {
	const n = 2*legacyBatch + 1
	url := storagetest.MongoURL(t)
	coll := rawDB(t, url).Collection(booksName)
	docs := make([]bson.M, n)
	for i := range docs { // the first and the last have the same title
		docs[i] = oldBook(0, strings.Repeat("x", i%(n-1)), bson.M{"_id": bson.ObjectID{0: 0x65, 10: byte(i >> 8), 11: byte(i)}})
	}
	insert(t, coll, docs)
	waitPrepared(t, open(t, url))
	for i, doc := range readAllRaw(t, coll) {
		if _, keyed := doc[titleKey]; keyed != (i < n-1) {
			t.Errorf("book %d of %d: has a key: %v", i, n, keyed)
		}
	}
}
