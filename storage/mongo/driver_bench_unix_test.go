//go:build unix

package mongo

import (
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// BenchmarkBesideDriver measures the CPU time of the store's calls, and of the driver's calls for the same documents, which are
// the least that a store can take. The CPU time is that of this process, without the server.
func BenchmarkBesideDriver(b *testing.B) {
	s, session, list := benchStore(b)
	coll, book := s.db.Collection(booksName), list[0]
	byID := bson.D{{Key: "_id", Value: objectID(book.ID)}}
	for _, pair := range []struct {
		name          string
		driver, store func(i int) error
	}{
		{
			"authenticate",
			func(int) error { // one of the two documents
				_, err := s.db.Collection(usersName).FindOne(b.Context(), bson.D{{Key: "_id", Value: objectID(session.UserID)}}).Raw()
				return err
			},
			func(int) error {
				_, _, err := s.Sessions().Authenticate(b.Context(), session.ID, session.UserID)
				return err
			},
		},
		{
			"get",
			func(int) error {
				_, err := coll.FindOne(b.Context(), byID).Raw()
				return err
			},
			func(int) error {
				_, err := s.Books().Get(b.Context(), book.ID)
				return err
			},
		},
		{
			"list 20",
			func(int) error {
				cursor, err := coll.Find(b.Context(), bson.D{{Key: "user_id", Value: session.UserID}},
					options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(20))
				if err != nil {
					return err
				}
				for cursor.Next(b.Context()) {
					_ = cursor.Current
				}
				return cursor.Close(b.Context())
			},
			func(int) error {
				_, err := s.Books().List(b.Context(), models.BookFilter{UserID: session.UserID, Sort: models.SortCreated, Limit: 20})
				return err
			},
		},
		{
			"rename",
			func(i int) error {
				change := bson.D{{Key: "$set", Value: bson.D{{Key: "title", Value: fmt.Sprint("Emma, part ", i)}}}}
				_, err := coll.FindOneAndUpdate(b.Context(), byID, change).Raw()
				return err
			},
			func(i int) error {
				up := models.BookUpdate{Title: new(fmt.Sprint("Renamed ", i)), UpdatedAt: updatedAt}
				_, _, err := s.Books().Update(b.Context(), book.ID, session.UserID, up)
				return err
			},
		},
	} {
		b.Run(pair.name+"/driver", func(b *testing.B) { benchCPU(b, pair.driver) })
		b.Run(pair.name+"/store", func(b *testing.B) { benchCPU(b, pair.store) })
	}
}

// benchCPU is like bench, and reports the CPU time of a call.
func benchCPU(b *testing.B, call func(i int) error) {
	b.Helper()
	before := storagetest.CPUTime()
	bench(b, call)
	used := storagetest.CPUTime() - before
	b.ReportMetric(used.Seconds()*1e6/float64(b.N), "CPU-µs/op")
}
