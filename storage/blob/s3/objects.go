package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"

	"bookplate/models"
	"bookplate/storage/blob"
)

// Put stores a blob. It becomes visible all at once, which S3 promises of a single request. The server checks what it
// got against its hash.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hash := sha256.Sum256(content)
	// Signed with its hash as a whole; the client's other way, a signature for each chunk, is not known to every
	// server.
	_, err := minio.Core{Client: s.client}.PutObject(ctx, s.at.bucket, s.at.prefix+key, bytes.NewReader(content),
		int64(len(content)), "", hex.EncodeToString(hash[:]), minio.PutObjectOptions{DisableContentSha256: true})
	return translate(err)
}

// Open reads a blob whole: a thumbnail is smaller than what a second request costs.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, info, _, err := minio.Core{Client: s.client}.GetObject(ctx, s.at.bucket, s.at.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return blob.Object{}, translate(err)
	}
	defer body.Close() //nolint:errcheck // only read
	if info.Size < 0 || info.Size > blob.MaxSize {
		return blob.Object{}, &models.Error{Code: models.Internal, Err: fmt.Errorf("%s has %d bytes: it is no blob", key, info.Size)}
	}
	content := make([]byte, info.Size)
	if _, err := io.ReadFull(body, content); err != nil {
		return blob.Object{}, translate(err)
	}
	return blob.InMemory(content, info.LastModified), nil
}

// Delete removes a blob.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := translate(s.client.RemoveObject(ctx, s.at.bucket, s.at.prefix+key, minio.RemoveObjectOptions{}))
	if models.CodeOf(err) == models.NotFound { // S3 does not mind, others do
		return nil
	}
	return err
}
