package gridfs

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/storage/blob"
)

// errIncomplete means that only a part of a blob is stored: a server is just writing or deleting the blob, or crashed
// while it did so.
var errIncomplete = errors.New("the blob is incomplete")

// split splits a blob into chunks.
func split(key string, content []byte) []chunk {
	var chunks []chunk
	for data := range slices.Chunk(content, chunkSize) {
		chunks = append(chunks, chunk{Key: key, N: int32(len(chunks)), Data: data}) //nolint:gosec // at most 66, see blob.MaxSize
	}
	return chunks
}

// read returns the content of a file. If the chunks do not add up to the file's length, the error is errIncomplete.
func (s *Store) read(ctx context.Context, f file) ([]byte, error) {
	if f.Length < 0 || f.Length > blob.MaxSize {
		return nil, fmt.Errorf("file %s has an invalid size: %d bytes", f.Key, f.Length)
	}
	sorted := options.Find().SetSort(bson.D{{Key: "n", Value: 1}})
	cursor, err := s.chunks.Find(ctx, bson.D{{Key: "files_id", Value: f.Key}}, sorted)
	if err != nil {
		return nil, err
	}
	defer cursor.Close(ctx) //nolint:errcheck // the server closes an idle cursor
	content := make([]byte, 0, f.Length)
	for n := int32(0); cursor.Next(ctx); n++ {
		var c chunk
		if err := cursor.Decode(&c); err != nil {
			return nil, err
		}
		if c.N != n || len(content)+len(c.Data) > cap(content) {
			return nil, errIncomplete
		}
		content = append(content, c.Data...)
	}
	if err := cursor.Err(); err != nil {
		return nil, err
	}
	if len(content) < cap(content) {
		return nil, errIncomplete
	}
	return content, nil
}
