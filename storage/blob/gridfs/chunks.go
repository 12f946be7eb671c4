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

// errIncomplete is a blob that is being written or removed, or was when the server that did it crashed.
var errIncomplete = errors.New("the blob is not all there")

// cut makes the chunks of a blob.
func cut(key string, content []byte) []chunk {
	var chunks []chunk
	for data := range slices.Chunk(content, chunkSize) {
		chunks = append(chunks, chunk{Key: key, N: int32(len(chunks)), Data: data}) //nolint:gosec // 66 at most: blob.MaxSize
	}
	return chunks
}

// read puts the chunks of a file together.
func (s *Store) read(ctx context.Context, f file) ([]byte, error) {
	if f.Length < 0 || f.Length > blob.MaxSize {
		return nil, fmt.Errorf("%s has %d bytes: it is no blob of this store", f.Key, f.Length)
	}
	byPlace := options.Find().SetSort(bson.D{{Key: "n", Value: 1}})
	cursor, err := s.chunks.Find(ctx, bson.D{{Key: "files_id", Value: f.Key}}, byPlace)
	if err != nil {
		return nil, err
	}
	defer cursor.Close(ctx) //nolint:errcheck // a cursor that is not closed ends by itself
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
