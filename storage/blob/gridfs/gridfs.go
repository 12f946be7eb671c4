// Package gridfs keeps blobs in MongoDB, in a bucket of GridFS as the specification lays it out, so that mongofiles and
// every driver read it: https://www.mongodb.com/docs/manual/core/gridfs/
//
// It goes by two documents or more for a blob, and by an order of its own to write them. The file's document is the
// first to come and the last to go, its _id is the key, and it says how long the blob is. So the server sees to it that
// a key is used once; a reader who finds fewer bytes than there should be finds nothing; and whatever a crash leaves
// half done has a document that List names and Delete removes.
//
// The driver's own bucket writes the chunks first, so that a crash leaves chunks that nothing names, and takes a buffer
// of 16 MiB for each upload.
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
	// chunkSize is how many bytes of a blob a document has: GridFS's default, in which a thumbnail has room.
	chunkSize = 255 << 10
)

// Store is a bucket in a MongoDB.
type Store struct {
	client  *client.Client
	files   *driver.Collection
	chunks  *driver.Collection
	indexed atomic.Bool // the index of chunks is there
}

// Open connects to the database that a MongoDB URL names. It fails only if the URL is wrong: while the server is not
// there, every call returns Unavailable.
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

// Ping asks the server that takes the writes. The Detail of its error says what is wrong and names the hosts.
func (s *Store) Ping(ctx context.Context) error {
	return s.client.Explain(client.Translate(s.client.Ping(ctx)))
}

// Close ends the connections. Blobs that are open stay readable.
func (s *Store) Close() error { return client.Translate(s.client.Close()) }

// ensureIndex makes the index that GridFS asks for, by which the chunks of a file are found, with the first Put: the
// server may not be there when the store is opened.
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
