// Package gridfs stores blobs in a GridFS bucket of a MongoDB database. The program mongofiles and all MongoDB drivers
// can read the bucket: https://www.mongodb.com/docs/manual/core/gridfs/
//
// A blob has one document in the collection of files. Its content is in the collection of chunks. The document's _id is
// the key, so the server accepts each key only once. The document records the blob's length, so that Open detects an
// incomplete blob.
//
// Put inserts the document before the chunks, and Delete deletes the document after the chunks. So after a crash, List
// finds the document of an incomplete blob, and Delete can delete it.
//
// The package does not use the bucket of the MongoDB driver, because that writes the chunks first. A crash would then
// leave chunks without a document. The driver's bucket also allocates a buffer of 16 MiB for each upload.
package gridfs

import (
	"context"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/storage/mongo/client"
)

const (
	bucket = "covers"
	// chunkSize is the size of a chunk in bytes. It is GridFS's default and larger than most thumbnails.
	chunkSize = 255 << 10
)

// Store is a GridFS bucket.
type Store struct {
	client  *client.Client
	files   *driver.Collection
	chunks  *driver.Collection
	indexed atomic.Bool // ensureIndex has succeeded
}

// Open connects to the database of a MongoDB URL. It fails only if the URL is invalid. While the server is not
// reachable, every call returns Unavailable.
func Open(url string) (*Store, error) {
	c, err := client.Connect(url)
	if err != nil {
		return nil, err
	}
	return &Store{
		client: c,
		files:  c.Database.Collection(bucket + ".files"),
		chunks: c.Database.Collection(bucket + ".chunks"),
	}, nil
}

// Ping pings the primary server. The Detail of its error says what is wrong and names the hosts.
func (s *Store) Ping(ctx context.Context) error {
	return s.client.Explain(client.Translate(s.client.Ping(ctx)))
}

// Close closes the connections. Open blobs stay readable.
func (s *Store) Close() error { return client.Translate(s.client.Close()) }

// ensureIndex creates the index of chunks that the GridFS specification asks for. Put calls it, because the server may
// not be reachable when the store is opened.
func (s *Store) ensureIndex(ctx context.Context) error {
	if s.indexed.Load() {
		return nil
	}
	_, err := s.chunks.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys:    bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}},
		Options: options.Index().SetUnique(true),
	})
	s.indexed.Store(err == nil)
	return err
}
