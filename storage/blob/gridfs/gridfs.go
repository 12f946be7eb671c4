// Package gridfs stores blobs in a GridFS bucket of a MongoDB, which mongofiles and all drivers can read:
// https://www.mongodb.com/docs/manual/core/gridfs/
//
// A blob has a document in the collection of files and its content in the collection of chunks. The document's _id is
// the key, so that the server allows each key once. Put inserts the document before the chunks, and Delete deletes it
// last. So List finds what a crash has left, and Delete can delete it. The document has the blob's length, so that Open
// detects an incomplete blob.
//
// The package does not use the driver's bucket, which writes the chunks first. A crash then leaves chunks without a
// document. It also allocates a buffer of 16 MiB for each upload.
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

// Open connects to the database of a MongoDB URL. It fails only if the URL is invalid: every call returns Unavailable
// while the server is not reachable.
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

// ensureIndex creates the index of chunks that GridFS specifies. Put calls it, because the server may not be reachable
// when the store is opened.
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
