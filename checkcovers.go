package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"bookplate/config"
)

// checkCovers reports covers that are missing or that no book names, and removes the latter if asked to. A missing one
// is an error.
func checkCovers(ctx context.Context, settings config.Config, stdout io.Writer, repair bool) (err error) {
	stores, err := openStores(ctx, settings, newLogger(settings, stdout))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	report, err := stores.covers.Check(ctx, stores.Books(), now())
	if err != nil {
		return err
	}
	for _, key := range report.Missing {
		fmt.Fprintln(stdout, "missing: ", key)
	}
	for _, key := range report.Orphaned {
		fmt.Fprintln(stdout, "orphaned:", key)
	}
	fmt.Fprintf(stdout, "%d covers of books; %d pictures missing, %d orphaned\n",
		report.Books, len(report.Missing), len(report.Orphaned))
	if repair {
		removed, err := stores.covers.Sweep(ctx, stores.Books(), now())
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%d orphaned pictures were removed\n", removed)
	}
	if len(report.Missing) > 0 {
		return errors.New("pictures are missing: give those books a new cover, or restore the pictures from a backup")
	}
	return nil
}
