package gridfs

import (
	"context"
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"bookplate/storage/blob"
	"bookplate/storage/mongo/client"
)

// List returns the files sorted by key.
func (s *Store) List(ctx context.Context) iter.Seq2[blob.Info, error] {
	return blob.Pages(func(after string) ([]blob.Info, error) {
		page, err := s.page(ctx, after)
		return page, client.Translate(err)
	})
}

// page returns the files whose keys come after a key. The operator $gt compares only values of the same type. So page
// skips files of other programs whose _id is not a string.
func (s *Store) page(ctx context.Context, after string) ([]blob.Info, error) {
	ctx, cancel := s.client.WithTimeout(ctx)
	defer cancel()
	cursor, err := s.files.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}},
		options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(blob.PageSize).SetBatchSize(blob.PageSize))
	if err != nil {
		return nil, err
	}
	var files []file
	if err := cursor.All(ctx, &files); err != nil {
		return nil, err
	}
	page := make([]blob.Info, len(files))
	for i, f := range files {
		page[i] = blob.Info{Key: f.Key, ModTime: f.UploadDate}
	}
	return page, nil
}
