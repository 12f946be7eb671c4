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

// OpenBlobs opens the blob store that a URL names: disk:PATH. The error is for the operator.
func OpenBlobs(url string) (blob.Store, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	if scheme != "disk" {
		return nil, fmt.Errorf("no blob store %q; there is disk", scheme)
	}
	return disk.Open(rest)
}
