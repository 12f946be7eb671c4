package tests

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"                      //nolint:depguard // tests read and write the database directly
	driver "go.mongodb.org/mongo-driver/v2/mongo"              //nolint:depguard // see above
	"go.mongodb.org/mongo-driver/v2/mongo/options"             //nolint:depguard // see above
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring" //nolint:depguard // see above
)

// document is a stored document.
type document = map[string]any

// oid returns the n-th ObjectID of the tests.
func oid(n byte) bson.ObjectID { return bson.ObjectID{0: 0x65, 11: n} }

// rawMongo connects directly to the database that a URL names.
func rawMongo(t *testing.T, url string) *driver.Database {
	t.Helper()
	parsed, err := connstring.ParseAndValidate(url)
	if err != nil {
		t.Fatal(err)
	}
	client, err := driver.Connect(options.Client().ApplyURI(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(t.Context()) })
	return client.Database(parsed.Database)
}

// insertRaw stores documents as they are.
func insertRaw(t *testing.T, db *driver.Database, collection string, docs ...document) {
	t.Helper()
	if _, err := db.Collection(collection).InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// readRaw returns the documents of a collection, by _id.
func readRaw(t *testing.T, db *driver.Database, collection string) map[bson.ObjectID]document {
	t.Helper()
	cursor, err := db.Collection(collection).Find(t.Context(), document{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []document
	if err := cursor.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	byID := map[bson.ObjectID]document{}
	for _, doc := range docs {
		byID[doc["_id"].(bson.ObjectID)] = doc
	}
	return byID
}
