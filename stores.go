package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"bookplate/config"
	"bookplate/covers"
	"bookplate/models"
	"bookplate/storage"
	"bookplate/storage/blob"
)

// stores holds the open database and the open store of covers.
type stores struct {
	models.Store
	blobs  blob.Store
	covers *covers.Covers
	files  blob.Files // of the backups; nil if none are made
}

// makeDataDir creates the data folder if the settings need it, and checks that it is writable. Only the system user
// that runs the server can read the folder. Folders in other settings must exist, so that a misspelled setting does not
// start an empty library.
func makeDataDir(settings config.Config) error {
	var err error
	if settings.KeepsData() {
		err = os.MkdirAll(settings.DataDir, 0o700)
	}
	if err == nil && settings.CoversURL == "disk:"+settings.CoversDir() {
		err = os.MkdirAll(settings.CoversDir(), 0o700)
	}
	if err == nil && settings.BackupEvery > 0 && settings.BackupURL == "disk:"+settings.BackupsDir() {
		err = os.MkdirAll(settings.BackupsDir(), 0o700)
	}
	if err != nil {
		return fmt.Errorf("DATA_DIR: cannot create the data folder: %w", err)
	}
	if !settings.KeepsData() {
		return nil
	}
	file, err := os.CreateTemp(settings.DataDir, ".writable-*")
	if err != nil {
		return fmt.Errorf("DATA_DIR: cannot write to the data folder: %w; change its owner, or choose another", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// checkLibrary returns an error if the SQLite file does not exist. It is for commands that must not create a library,
// because they may run in another folder than the server.
func checkLibrary(settings config.Config) error {
	path, isFile := strings.CutPrefix(settings.DatabaseURL, "sqlite:")
	if _, err := os.Stat(path); isFile && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no library at %s: run the command where the server runs, or give --data", path)
	}
	return nil
}

// openStore is the type of storage.Open, OpenTarget and OpenBeside.
type openStore func(ctx context.Context, url string, log *slog.Logger) (models.Store, error)

// openStores opens the database and the store of covers that the settings name. The error names the wrong setting.
func openStores(ctx context.Context, settings config.Config, log *slog.Logger) (*stores, error) {
	return openStoresWith(ctx, settings, storage.Open, log)
}

// openStoresWith is like openStores, but it opens the database with open.
func openStoresWith(ctx context.Context, settings config.Config, open openStore, log *slog.Logger) (*stores, error) {
	if err := makeDataDir(settings); err != nil {
		return nil, err
	}
	store, err := open(ctx, settings.DatabaseURL, log)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	blobs, err := storage.OpenBlobs(ctx, storage.BlobConfig{
		URL: settings.CoversURL, DatabaseURL: settings.DatabaseURL,
		S3AccessKey: settings.S3AccessKey, S3SecretKey: settings.S3SecretKey,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("COVERS_URL: %w", err), store.Close())
	}
	return &stores{Store: store, blobs: blobs, covers: newCovers(settings, store, blobs)}, nil
}

func newCovers(settings config.Config, store models.Store, blobs blob.Store) *covers.Covers {
	return covers.New(blobs, covers.Options{
		Mark: store.CoverMark, Sizes: settings.CoverSizes, MaxPixels: settings.MaxPixels, Memory: settings.CoverMemory,
	})
}

// Close closes all stores.
func (s *stores) Close() error {
	var err error
	if s.files != nil {
		err = s.files.Close()
	}
	return errors.Join(err, s.blobs.Close(), s.Store.Close())
}
