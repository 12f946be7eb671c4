// Package storage opens the stores that the settings name by URL.
package storage

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"bookplate/models"
	"bookplate/storage/blob"
	"bookplate/storage/blob/disk"
	"bookplate/storage/blob/gridfs"
	"bookplate/storage/blob/s3"
	"bookplate/storage/mongo"
	"bookplate/storage/sqlite"
)

// Open opens the database of a URL: sqlite:PATH, mongodb://… or mongodb+srv://…. The error is for the operator. Open
// succeeds if a MongoDB server is not reachable: the store's methods return Unavailable until it is.
func Open(ctx context.Context, url string, log *slog.Logger) (models.Store, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return sqlite.Open(ctx, rest)
	case "mongodb", "mongodb+srv":
		return mongo.Open(ctx, url, log)
	}
	return nil, fmt.Errorf("unknown database engine %q, want sqlite, mongodb or mongodb+srv", scheme)
}

// OpenBeside opens a database that another process may have open, for a command that runs beside the server. It does not
// prepare the database: the server has done so.
func OpenBeside(ctx context.Context, url string, log *slog.Logger) (models.Store, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return sqlite.OpenBeside(ctx, path)
	}
	return Open(ctx, url, log)
}

// ErrInUse is returned by Open while another process has the SQLite database open.
var ErrInUse = sqlite.ErrInUse

// BlobConfig is the configuration of a blob store.
type BlobConfig struct {
	URL                      string // disk:PATH, gridfs: or s3://BUCKET?…
	DatabaseURL              string // the MongoDB of gridfs:
	S3AccessKey, S3SecretKey string // for s3:
}

// OpenBlobs opens the blob store of a URL. The error is for the operator. OpenBlobs succeeds if a server is not
// reachable: the store's methods return Unavailable until it is.
func OpenBlobs(ctx context.Context, c BlobConfig) (blob.Store, error) {
	scheme, rest, _ := strings.Cut(c.URL, ":")
	switch scheme {
	case "disk":
		return disk.Open(rest)
	case "gridfs":
		return gridfs.Open(c.DatabaseURL)
	case "s3":
		return s3.Open(ctx, c.URL, s3.Keys{Access: c.S3AccessKey, Secret: c.S3SecretKey})
	}
	return nil, fmt.Errorf("unknown blob store %q, want disk, gridfs or s3", scheme)
}
