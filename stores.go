package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"bookplate/config"
	"bookplate/covers"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/blob"
)

// stores are where a library is kept: the database and the covers.
type stores struct {
	models.Store
	blobs  blob.Store
	covers *covers.Covers
}

// openStores opens the stores that the settings name. The error names the setting.
func openStores(ctx context.Context, settings config.Config, log *slog.Logger) (*stores, error) {
	store, err := storage.Open(ctx, settings.DatabaseURL, log)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	blobs, err := storage.OpenBlobs(ctx, storage.Blobs{
		URL: settings.CoversURL, DatabaseURL: settings.DatabaseURL,
		S3AccessKey: settings.S3AccessKey, S3SecretKey: settings.S3SecretKey,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("COVERS_URL: %w", err), store.Close())
	}
	return &stores{Store: store, blobs: blobs, covers: covers.New(blobs, covers.Options{
		Mark: store.CoverMark, Sizes: settings.CoverSizes, MaxPixels: settings.MaxPixels, Memory: settings.CoverMemory,
	})}, nil
}

// Close closes all stores.
func (s *stores) Close() error { return errors.Join(s.blobs.Close(), s.Store.Close()) }
