// Package storage opens the database and the blob store. The settings contain a URL for each of them.
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

// Open opens the database of a URL: sqlite:PATH, mongodb://… or mongodb+srv://…. The error is for the operator. If a
// MongoDB server is not reachable, Open succeeds, and the store's methods return Unavailable until the server is
// reachable.
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

// OpenTarget is like Open, but it also opens a database that is an unfinished copy, for a command that finishes it.
func OpenTarget(ctx context.Context, url string, log *slog.Logger) (models.Store, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return sqlite.OpenTarget(ctx, path)
	}
	return mongo.OpenTarget(ctx, url, log)
}

// OpenPrivate is like OpenTarget, but for a SQLite file that the caller has just written to a folder of their own.
func OpenPrivate(ctx context.Context, path string) (models.Store, error) {
	return sqlite.OpenPrivate(ctx, path)
}

// OpenBeside opens a database for a command that can run while the server has the database open. It does not prepare
// the database, because the server has done so.
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
	DatabaseURL              string // the MongoDB server, if URL is gridfs:
	S3AccessKey, S3SecretKey string // the credentials, if URL is s3://…
}

// OpenBlobs opens the blob store of a URL. The error is for the operator. If a server is not reachable, OpenBlobs
// succeeds, and the store's methods return Unavailable until the server is reachable.
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

// OpenFiles opens the place of large files: disk:PATH or s3://BUCKET?…. The error is for the operator.
func OpenFiles(ctx context.Context, c BlobConfig) (blob.Files, error) {
	if path, ok := strings.CutPrefix(c.URL, "disk:"); ok {
		return disk.OpenFiles(path)
	}
	return s3.OpenFiles(ctx, c.URL, s3.Keys{Access: c.S3AccessKey, Secret: c.S3SecretKey})
}
