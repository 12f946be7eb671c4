package s3

import (
	"context"
	"iter"
	"strings"

	"github.com/minio/minio-go/v7"

	"bookplate/storage/blob"
)

// List returns the objects under the prefix, sorted by name.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return blob.Pages(func(after string) ([]blob.Info, error) {
		page, err := s.page(ctx, after)
		return page, translate(err)
	})
}

func (s *Store) page(ctx context.Context, after string) ([]blob.Info, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var page []blob.Info
	for object := range s.client.ListObjectsIter(ctx, s.loc.bucket, minio.ListObjectsOptions{
		Prefix: s.loc.prefix, StartAfter: s.loc.prefix + after, MaxKeys: blob.PageSize, Recursive: true,
	}) {
		if object.Err != nil {
			return nil, object.Err
		}
		page = append(page, blob.Info{Key: strings.TrimPrefix(object.Key, s.loc.prefix), ModTime: object.LastModified})
		if len(page) == blob.PageSize {
			break
		}
	}
	return page, ctx.Err() // the client ends the list without an error when the context ends
}
