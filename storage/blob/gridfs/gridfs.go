// Package gridfs keeps blobs in MongoDB, in a bucket of GridFS as the specification lays it out, so that mongofiles and every
// driver read it: https://www.mongodb.com/docs/manual/core/gridfs/
//
// It goes by two documents or more for a blob, and by an order of its own to write them. The file's document is the first to
// come and the last to go, its _id is the key, and it says how long the blob is. So the server sees to it that a key is
// used once; a reader who finds fewer bytes than there should be finds nothing; and whatever a crash leaves half done has a
// document that List names and Delete removes.
//
// The driver's own bucket writes the chunks first, so that a crash leaves chunks that nothing names, and takes a buffer of
// 16 MiB for each upload.
package gridfs

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/models"
	"bookplate/storage/blob"
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

// file is a document of the collection of files.
type file struct {
	Key        string    `bson:"_id"`
	Length     int64     `bson:"length"` // bytes
	ChunkSize  int32     `bson:"chunkSize"`
	UploadDate time.Time `bson:"uploadDate"`
	Filename   string    `bson:"filename"` // the key again: by this, other programs offer it
}

// chunk is a document of the collection of chunks.
type chunk struct {
	Key  string `bson:"files_id"`
	N    int32  `bson:"n"` // its place among the file's chunks, from 0
	Data []byte `bson:"data"`
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

// Put stores a blob. The second of two calls for one key is refused by the server, whenever it comes.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, client.CallTimeout)
	defer cancel()
	if err := s.ensureIndex(ctx); err != nil {
		return client.Translate(err)
	}
	f := file{Key: key, Length: int64(len(content)), ChunkSize: chunkSize, UploadDate: time.Now(), Filename: key}
	if _, err := s.files.InsertOne(ctx, f); err != nil {
		return putFailure(err)
	}
	if len(content) == 0 {
		return nil
	}
	_, err := s.chunks.InsertMany(ctx, cut(key, content))
	return putFailure(err)
}

// Open reads a blob whole: the protocol cannot seek, and a thumbnail is a single chunk.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, client.CallTimeout)
	defer cancel()
	var f file
	if err := s.files.FindOne(ctx, bson.D{{Key: "_id", Value: key}}).Decode(&f); err != nil {
		return blob.Object{}, client.Translate(err)
	}
	content, err := s.read(ctx, f)
	if errors.Is(err, errIncomplete) {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	if err != nil {
		return blob.Object{}, client.Translate(err)
	}
	return blob.InMemory(content, f.UploadDate), nil
}

// Delete removes a blob, or what is left of one.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, client.CallTimeout)
	defer cancel()
	_, err := s.chunks.DeleteMany(ctx, bson.D{{Key: "files_id", Value: key}})
	if err == nil {
		_, err = s.files.DeleteOne(ctx, bson.D{{Key: "_id", Value: key}})
	}
	return client.Translate(err)
}

// Ping asks the server that takes the writes. The Detail of its error says what is wrong and names the hosts.
func (s *Store) Ping(ctx context.Context) error {
	return s.client.Explain(client.Translate(s.client.Ping(ctx)))
}

// Close ends the connections. Blobs that are open stay readable.
func (s *Store) Close() error { return client.Translate(s.client.Close()) }

// ensureIndex makes the index that GridFS asks for, by which the chunks of a file are found, with the first Put: the server
// may not be there when the store is opened.
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

// putFailure translates an error. A key in use is a fault of the program, not a conflict of the client's.
func putFailure(err error) error {
	if err = client.Translate(err); models.CodeOf(err) == models.Conflict {
		return &models.Error{Code: models.Internal, Err: err}
	}
	return err
}
