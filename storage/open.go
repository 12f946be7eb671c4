// Package storage turns the URLs of the settings into stores.
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

// Open opens the database that a URL names: sqlite:PATH, mongodb://… or mongodb+srv://…. The error is for the operator.
// A MongoDB server that is not there yet is no error: the store is Unavailable until it is.
func Open(ctx context.Context, url string, log *slog.Logger) (models.Store, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return sqlite.Open(ctx, rest)
	case "mongodb", "mongodb+srv":
		return mongo.Open(ctx, url, log)
	}
	return nil, fmt.Errorf("no database engine %q; there are sqlite, mongodb and mongodb+srv", scheme)
}

// OpenBeside opens a database that another process may have open, for a command that runs beside the server. It does not
// prepare the database: the server has done so.
func OpenBeside(ctx context.Context, url string, log *slog.Logger) (models.Store, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return sqlite.OpenBeside(ctx, path)
	}
	return Open(ctx, url, log)
}

// ErrInUse is in the error of Open while another process has the database, as only SQLite's can be had.
var ErrInUse = sqlite.ErrInUse

// Blobs is what the settings say of the place of blobs.
type Blobs struct {
	URL                      string // disk:PATH, gridfs: or s3://BUCKET?…
	DatabaseURL              string // gridfs: is in this MongoDB
	S3AccessKey, S3SecretKey string // for s3:
}

// OpenBlobs opens a blob store. The error is for the operator. A server that is not there yet is no error: the store is
// Unavailable until it is.
func OpenBlobs(ctx context.Context, at Blobs) (blob.Store, error) {
	scheme, rest, _ := strings.Cut(at.URL, ":")
	switch scheme {
	case "disk":
		return disk.Open(rest)
	case "gridfs":
		return gridfs.Open(at.DatabaseURL)
	case "s3":
		return s3.Open(ctx, at.URL, s3.Keys{Access: at.S3AccessKey, Secret: at.S3SecretKey})
	}
	return nil, fmt.Errorf("no blob store %q; there are disk, gridfs and s3", scheme)
}
