package mongo

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/storage/mongo/client"
)

// rawDB returns the database of a URL. Tests use it to read and write documents as another program does.
func rawDB(t testing.TB, url string) *driver.Database {
	t.Helper()
	c, err := client.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.Database
}

// insert stores documents unchanged.
func insert(t testing.TB, coll *driver.Collection, docs []bson.M) {
	t.Helper()
	if _, err := coll.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// readAllRaw returns the documents of a collection, ordered by _id.
func readAllRaw(t testing.TB, coll *driver.Collection) []bson.M {
	t.Helper()
	cursor, err := coll.Find(t.Context(), bson.M{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	var docs []bson.M
	if err := cursor.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	return docs
}
