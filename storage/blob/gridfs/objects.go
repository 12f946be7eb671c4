package gridfs

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/mongo/client"
)

// file is a document of the collection of files.
type file struct {
	Key        string    `bson:"_id"`
	Length     int64     `bson:"length"` // bytes
	ChunkSize  int32     `bson:"chunkSize"`
	UploadDate time.Time `bson:"uploadDate"`
	Filename   string    `bson:"filename"` // the key; other programs find the file by it
}

// chunk is a document of the collection of chunks.
type chunk struct {
	Key  string `bson:"files_id"`
	N    int32  `bson:"n"` // the index among the file's chunks, from 0
	Data []byte `bson:"data"`
}

// Put stores a blob. If the key is already used, the server rejects the call.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := s.client.WithTimeout(ctx)
	defer cancel()
	if err := s.ensureIndex(ctx); err != nil {
		return client.Translate(err)
	}
	f := file{Key: key, Length: int64(len(content)), ChunkSize: chunkSize, UploadDate: time.Now(), Filename: key}
	if _, err := s.files.InsertOne(ctx, f); err != nil {
		return putError(err)
	}
	if len(content) == 0 {
		return nil
	}
	_, err := s.chunks.InsertMany(ctx, split(key, content))
	return putError(err)
}

// Open reads the whole blob, because the protocol cannot seek and a thumbnail is a single chunk.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	ctx, cancel := s.client.WithTimeout(ctx)
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

// Delete deletes a blob, complete or not.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := s.client.WithTimeout(ctx)
	defer cancel()
	_, err := s.chunks.DeleteMany(ctx, bson.D{{Key: "files_id", Value: key}})
	if err == nil {
		_, err = s.files.DeleteOne(ctx, bson.D{{Key: "_id", Value: key}})
	}
	return client.Translate(err)
}

// putError translates an error of Put. If the key is already used, the error is Internal, because the program chooses
// the keys.
func putError(err error) error {
	if err = client.Translate(err); models.CodeOf(err) == models.Conflict {
		return &models.Error{Code: models.Internal, Err: err}
	}
	return err
}
