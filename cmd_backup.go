package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"bookplate/config"
	"bookplate/library/copies"
	"bookplate/storage"
)

func newBackupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE.zip", Short: "Write the database and the covers to a file, also while the server runs", Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return backupCommand(cmd, args[0]) },
	}
}

func backupCommand(cmd *cobra.Command, path string) (err error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	if err := checkLibrary(settings); err != nil {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s already exists: choose another name", path), err)
	}
	ctx := cmd.Context()
	stores, err := openReachable(ctx, settings, storage.OpenBeside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	files, err := storage.OpenFiles(ctx, storage.BlobConfig{URL: "disk:" + filepath.Dir(path)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	backups := copies.Backups{From: stores.source(), To: files, OpenFile: storage.OpenPrivate, Version: version, Now: now}
	m, err := backups.Write(ctx, filepath.Base(path), bar.report)
	if err != nil {
		return err
	}
	bar.end()
	cmd.Printf("%s has the database (%d bytes) and %d pictures of covers.\n", path, m.Database.Size, m.Covers.Count)
	return nil
}

// openBackups returns the schedule of backups, or nil if BACKUP_EVERY is off. Closing stores also closes the blob
// store of the backups.
func openBackups(ctx context.Context, settings config.Config, stores *stores) (*copies.Schedule, error) {
	if settings.BackupEvery == 0 {
		return nil, nil //nolint:nilnil // no schedule, no error
	}
	files, err := storage.OpenFiles(ctx, storage.BlobConfig{
		URL: settings.BackupURL, S3AccessKey: settings.S3AccessKey, S3SecretKey: settings.S3SecretKey,
	})
	if err != nil {
		return nil, fmt.Errorf("BACKUP_URL: %w", err)
	}
	stores.files = files
	return &copies.Schedule{
		Backups: copies.Backups{From: stores.source(), To: files, OpenFile: storage.OpenPrivate, Version: version, Now: now},
		Every:   settings.BackupEvery, Keep: settings.BackupKeep,
	}, nil
}
