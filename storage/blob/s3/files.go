package s3

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"bookplate/models"
)

// Files are the objects of a bucket, or those with a prefix, as large files. It implements blob.Files.
type Files struct{ *Store }

// OpenFiles is like Open.
func OpenFiles(ctx context.Context, url string, keys Keys) (Files, error) {
	s, err := Open(ctx, url, keys)
	return Files{s}, err
}

// Folder returns the system's folder for temporary files.
func (Files) Folder() string { return os.TempDir() }

// Put uploads a file, a large one in parts. The server checks the hash of each part, and the object appears when all parts
// are there. There is no time limit, because a backup may take hours; the client gives up a connection that is lost.
func (f Files) Put(ctx context.Context, name, path string) error {
	key := f.loc.prefix + name
	if _, err := f.client.StatObject(ctx, f.loc.bucket, key, minio.StatObjectOptions{}); err == nil {
		return &models.Error{Code: models.Conflict, Err: fmt.Errorf("%s already exists", name)}
	}
	local, err := os.Stat(path)
	if err != nil {
		return &models.Error{Code: models.Internal, Err: err}
	}
	info, err := f.client.FPutObject(ctx, f.loc.bucket, key, path, minio.PutObjectOptions{
		ContentType: "application/zip", SendContentMd5: true, DisableContentSha256: true,
	})
	if err == nil && info.Size != local.Size() {
		err = fmt.Errorf("%d bytes of %d are stored", info.Size, local.Size())
	}
	return translate(err)
}

// List returns the names of the objects directly under the prefix.
func (f Files) List(ctx context.Context) (names []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for object := range f.client.ListObjectsIter(ctx, f.loc.bucket, minio.ListObjectsOptions{Prefix: f.loc.prefix}) {
		if object.Err != nil {
			return nil, translate(object.Err)
		}
		names = append(names, strings.TrimPrefix(object.Key, f.loc.prefix))
	}
	slices.Sort(names)
	return names, translate(ctx.Err())
}

// Delete deletes an object.
func (f Files) Delete(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return translate(f.client.RemoveObject(ctx, f.loc.bucket, f.loc.prefix+name, minio.RemoveObjectOptions{}))
}
