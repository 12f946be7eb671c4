package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"bookplate/config"
	"bookplate/library/copies"
	"bookplate/storage"
)

// copyFlags are the flags of bookplate copy.
type copyFlags struct{ from, to, coversFrom, coversTo string }

func newCopyCommand() *cobra.Command {
	var flags copyFlags
	command := &cobra.Command{
		Use: "copy --from URL --to URL", Short: "Copy the library to another database, such as from SQLite to MongoDB",
		Args: func(cmd *cobra.Command, args []string) error {
			return errors.Join(cobra.NoArgs(cmd, args), cmd.ValidateRequiredFlags())
		},
		Long: "Copies all accounts, books, covers, sessions and records to an empty database, and compares the two.\n" +
			"Stop the server first. A copy that was interrupted is continued by the same command.\n\n" +
			"URLs are written as in DATABASE_URL and COVERS_URL: sqlite:PATH or mongodb://…, and disk:PATH, gridfs: or s3://….\n" +
			"By default, covers are in the folder covers beside the SQLite file, or in the same MongoDB.",
		RunE: func(cmd *cobra.Command, _ []string) error { return copyCommand(cmd, flags) },
	}
	command.Flags().StringVar(&flags.from, "from", "", "the database to copy")
	command.Flags().StringVar(&flags.to, "to", "", "an empty database")
	command.Flags().StringVar(&flags.coversFrom, "covers-from", "", "the covers to copy")
	command.Flags().StringVar(&flags.coversTo, "covers-to", "", "an empty place for the covers")
	_ = command.MarkFlagRequired("from") // fails only for an unknown flag
	_ = command.MarkFlagRequired("to")
	return command
}

func copyCommand(cmd *cobra.Command, flags copyFlags) (err error) {
	source, err := librarySettings(cmd, "--from", flags.from, flags.coversFrom)
	if err != nil {
		return err
	}
	target, err := librarySettings(cmd, "--to", flags.to, flags.coversTo)
	if err != nil {
		return err
	}
	if absolute(source.DatabaseURL) == absolute(target.DatabaseURL) {
		return errors.New("--from and --to name the same database")
	}
	if absolute(source.CoversURL) == absolute(target.CoversURL) && source.CoversURL != "gridfs:" {
		return errors.New("--covers-from and --covers-to name the same place")
	}
	if err := checkLibrary(source); err != nil {
		return err
	}
	ctx := cmd.Context()
	from, err := openReachable(ctx, source, storage.Open)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openReachable(ctx, target, storage.OpenTarget)
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	summary, err := copies.Copy(ctx, from.source(), to.target(), bar.report)
	if err != nil {
		return err
	}
	bar.end()
	cmd.Print(summary)
	cmd.Println("The copy is complete: the source and the copy have the same records and covers.")
	return nil
}

// source returns the stores as a source to copy.
func (s *stores) source() copies.Source { return copies.Source{Store: s.Store, Covers: s.blobs} }

// target returns the stores as a target to copy to.
func (s *stores) target() copies.Target { return copies.Target{Store: s.Store, Covers: s.blobs} }

// absolute returns a URL with the absolute form of its path, if it has one.
func absolute(url string) string {
	for _, scheme := range []string{"sqlite:", "disk:"} {
		if path, found := strings.CutPrefix(url, scheme); found {
			if abs, err := filepath.Abs(path); err == nil {
				return scheme + abs
			}
		}
	}
	return url
}

// librarySettings returns the settings for a database and its covers. flag is the name of the flag that gave the URL of the
// database. The environment and the file .env are used only for the keys for S3.
func librarySettings(cmd *cobra.Command, flag, database, covers string) (config.Config, error) {
	values := map[string]string{"DATABASE_URL": database, "COVERS_URL": covers}
	if path, isFile := strings.CutPrefix(database, "sqlite:"); isFile {
		values["DATA_DIR"] = filepath.Dir(path)
	}
	sources, err := settingsSources(cmd)
	if err != nil {
		return config.Config{}, err
	}
	for _, source := range sources {
		maps.DeleteFunc(source.Values, func(name, _ string) bool { return !strings.HasPrefix(name, "S3_") })
	}
	return config.Load(append([]config.Source{{Name: flag, Values: values}}, sources...)...)
}

// openReachable opens the stores that the settings name, and checks that they can be used.
func openReachable(ctx context.Context, settings config.Config, open openStore) (*stores, error) {
	s, err := openStoresWith(ctx, settings, open, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err = s.Ping(ctx); err == nil {
		err = s.blobs.Ping(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}
