package gridfs

import (
	"context"
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/storage/blob"
	"bookplate/storage/mongo/client"
)

// pageSize is how many files are asked for together: some 100 KB.
const pageSize = 1000

// List goes through the files by their keys. Each page is a query that begins where the last page ended, so that no cursor
// stays open while the reader takes its time.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return func(yield func(blob.Info, error) bool) {
		for after := ""; ; {
			page, err := s.page(ctx, after)
			if err != nil {
				yield(blob.Info{}, client.Translate(err))
				return
			}
			for _, f := range page {
				if after = f.Key; blob.CheckKey(f.Key) == nil && !yield(blob.Info{Key: f.Key, ModTime: f.UploadDate}, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

// page returns the next files. An _id that is no string, as another program's, is not greater than one that is.
func (s *Store) page(ctx context.Context, after string) ([]file, error) {
	ctx, cancel := context.WithTimeout(ctx, client.CallTimeout)
	defer cancel()
	cursor, err := s.files.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(pageSize).SetBatchSize(pageSize))
	if err != nil {
		return nil, err
	}
	var page []file
	err = cursor.All(ctx, &page)
	return page, err
}
