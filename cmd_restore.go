package main

import (
	"errors"

	"github.com/spf13/cobra"

	"bookplate/library/copies"
	"bookplate/storage"
)

func newRestoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE.zip", Short: "Restore a backup into an empty database", Args: exactArgs(1),
		Long: "Restores the database and the covers of a backup into those of the settings, which must be empty.\n" +
			"Stop the server first. A restore that was interrupted is continued by the same command.",
		RunE: func(cmd *cobra.Command, args []string) error { return restoreCommand(cmd, args[0]) },
	}
}

func restoreCommand(cmd *cobra.Command, path string) (err error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	archive, err := copies.OpenArchive(ctx, path, bar.report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	stores, err := openReachable(ctx, settings, storage.OpenTarget)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	summary, err := archive.Restore(ctx, stores.target(), storage.OpenPrivate, bar.report)
	if err != nil {
		return err
	}
	bar.end()
	cmd.Print(summary)
	cmd.Println("The backup is restored: the library has the same records and covers.")
	return nil
}
