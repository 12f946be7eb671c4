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

// Put stores a blob with one request, so that S3 stores the whole blob or nothing. The request contains the hash of the
// content, which the server checks.
func (s *Store) Put(ctx context.Context, key string, content []byte) error {
	if err := blob.Check(key, content); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hash := sha256.Sum256(content)
	// The client signs the whole content once. By default it would sign each chunk, which not every server supports.
	_, err := minio.Core{Client: s.client}.PutObject(ctx, s.loc.bucket, s.loc.prefix+key, bytes.NewReader(content),
		int64(len(content)), "", hex.EncodeToString(hash[:]), minio.PutObjectOptions{DisableContentSha256: true})
	return translate(err)
}

// Open reads the whole blob, because a thumbnail is small and a request for each range is slow.
func (s *Store) Open(ctx context.Context, key string) (blob.Object, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Object{}, &models.Error{Code: models.NotFound, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, info, _, err := minio.Core{Client: s.client}.GetObject(ctx, s.loc.bucket, s.loc.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return blob.Object{}, translate(err)
	}
	defer body.Close() //nolint:errcheck // the program only reads from it
	if info.Size < 0 || info.Size > blob.MaxSize {
		return blob.Object{}, &models.Error{Code: models.Internal, Err: fmt.Errorf("object %s has an invalid size: %d bytes", key, info.Size)}
	}
	content := make([]byte, info.Size)
	if _, err := io.ReadFull(body, content); err != nil {
		return blob.Object{}, translate(err)
	}
	return blob.InMemory(content, info.LastModified), nil
}

// Delete deletes a blob.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := translate(s.client.RemoveObject(ctx, s.loc.bucket, s.loc.prefix+key, minio.RemoveObjectOptions{}))
	if models.CodeOf(err) == models.NotFound { // some servers return it, Amazon S3 does not
		return nil
	}
	return err
}
