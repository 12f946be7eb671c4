package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"bookplate/accounts"
	"bookplate/config"
	"bookplate/handlers"
	"bookplate/library/isbn"
	"bookplate/library/transfer"
	"bookplate/models"
	"bookplate/storage"
)

const (
	importPoll   = 200 * time.Millisecond // how often the progress is read
	shownFailed  = 20                     // how many lines that failed are printed
	importFailed = "%d lines failed; the whole report: GET /imports/%s/rows"
)

// importOptions are the flags of the command.
type importOptions struct {
	user, onDuplicate, mapping string
	lookUp, covers, dryRun     bool
}

func newImportCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use: "import FILE --user EMAIL", Short: "Import a file of another program into an account",
		Long: "Import the books of a file into an account, as POST /imports does: CSV, TSV or JSON of Goodreads, StoryGraph,\n" +
			"LibraryThing, BookWyrm, Libib, Calibre, Book Catalogue, Openreads, Hardcover, Jelu or Bookplate, any other table, a\n" +
			"list of ISBNs, or an export of Bookplate as ZIP. The server may be running. If the command is interrupted, the server goes on with the import.",
		Args: exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return importCommand(cmd, args[0], o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.user, "user", "", "the address of the account")
	flags.StringVar(&o.onDuplicate, "on-duplicate", string(models.DuplicateSkip), "for books that the account has: skip, update or add")
	flags.StringVar(&o.mapping, "mapping", "", `the fields of columns as JSON, such as {"Titel":"title"}`)
	flags.BoolVar(&o.lookUp, "lookup", false, "look up missing fields by the ISBN")
	flags.BoolVar(&o.covers, "covers", false, "look up covers by the ISBN")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only print what would happen")
	_ = cmd.MarkFlagRequired("user") // fails only for an unknown flag
	return cmd
}

func importCommand(cmd *cobra.Command, path string, o importOptions) (err error) {
	upload, err := o.upload(path)
	if err != nil {
		return err
	}
	file, err := os.Open(path) //nolint:gosec // the operator chooses the file
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	upload.File = file
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	if err := checkLibrary(settings); err != nil {
		return err
	}
	log := newLogger(settings, os.Stderr)
	stores, err := openStoresWith(cmd.Context(), settings, storage.OpenBeside, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	user, err := accounts.Operator{Store: stores.Store}.Find(cmd.Context(), o.user)
	if err != nil {
		return err
	}
	imports := newImports(settings, stores, log)
	if o.dryRun {
		return printPreview(cmd, imports, user, upload)
	}
	return runImport(cmd, imports, user, upload)
}

// upload returns the upload that the flags describe, without its file.
func (o importOptions) upload(path string) (transfer.Upload, error) {
	u := transfer.Upload{Name: filepath.Base(path), ImportOptions: models.ImportOptions{
		OnDuplicate: models.OnDuplicate(o.onDuplicate), LookUp: o.lookUp, Covers: o.covers,
	}}
	if !slices.Contains(models.OnDuplicates, u.OnDuplicate) {
		return u, fmt.Errorf("--on-duplicate %q: want skip, update or add", o.onDuplicate)
	}
	if o.mapping != "" && json.Unmarshal([]byte(o.mapping), &u.Mapping) != nil {
		return u, fmt.Errorf("--mapping %q: want a JSON object from columns to fields", o.mapping)
	}
	return u, nil
}

func newImports(settings config.Config, stores *stores, log *slog.Logger) *transfer.Imports {
	return handlers.NewImports(handlers.Services{
		Config: settings, Store: stores.Store, Covers: stores.covers, Log: log, Now: now, Version: version,
		Network: isbn.Internet(), CoverBudget: coverBudget,
	})
}

func printPreview(cmd *cobra.Command, imports *transfer.Imports, user models.User, upload transfer.Upload) error {
	preview, err := imports.DryRun(cmd.Context(), user.ID, upload)
	if err != nil {
		return err
	}
	for _, column := range preview.Columns {
		field := column.Field
		if field == "" {
			field = "(left out)"
		}
		// %+q escapes control characters, so that a file cannot control the terminal.
		if err := printLine(cmd, "column %+q: %s", column.Name, field); err != nil {
			return err
		}
	}
	for _, row := range preview.Sample {
		if err := printLine(cmd, "line %d: %s %+q %+q", row.Line, row.Outcome, row.Title, row.Reason); err != nil {
			return err
		}
	}
	return printLine(cmd, "%s, %d lines: %s", preview.Format, preview.Total, countsText(preview.Outcomes))
}

func countsText(c models.ImportCounts) string {
	return fmt.Sprintf("%d created, %d updated, %d skipped, %d failed", c.Created, c.Updated, c.Skipped, c.Failed)
}

// runImport imports a file, and shows the progress until the import is finished. A server that is running may do a part of
// it.
func runImport(cmd *cobra.Command, imports *transfer.Imports, user models.User, upload transfer.Upload) error {
	ctx := cmd.Context()
	i, err := imports.Start(ctx, "", user.ID, upload)
	if err != nil {
		return err
	}
	bar := newProgress(cmd.ErrOrStderr())
	defer bar.end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	run := func() { ran <- imports.Run(ctx, rand.Text()) }
	go run()
	tick := time.NewTicker(importPoll)
	defer tick.Stop()
	for !i.Finished() {
		select {
		case err := <-ran:
			if err != nil {
				return fmt.Errorf("the import is not finished; the server goes on with it: %w", err)
			}
			time.AfterFunc(importPoll, run) // the server may have the rest
		case <-tick.C:
		}
		if i, err = imports.Get(ctx, user.ID, i.ID); err != nil {
			return fmt.Errorf("the import is not finished; the server goes on with it: %w", err)
		}
		bar.report("lines", int64(i.Done()), int64(i.Total))
	}
	bar.end()
	return printReport(cmd, imports, i)
}

// printReport prints the result of an import and the first lines that failed.
func printReport(cmd *cobra.Command, imports *transfer.Imports, i models.Import) error {
	failed, err := imports.Rows(cmd.Context(), i, models.RowFailed, models.Cursor{}, shownFailed)
	if err != nil {
		return err
	}
	for _, row := range failed {
		if err := printLine(cmd, "line %d failed: %+q", row.Line, row.Reason); err != nil {
			return err
		}
	}
	if err := printLine(cmd, "%s, %d lines: %s", i.Format, i.Total, countsText(i.Outcomes)); err != nil {
		return err
	}
	if i.Outcomes.Failed > 0 {
		return fmt.Errorf(importFailed, i.Outcomes.Failed, i.ID)
	}
	return nil
}
