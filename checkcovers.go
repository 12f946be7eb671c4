package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bookplate/config"
	"bookplate/covers"
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
	if _, err := io.WriteString(stdout, inWords(report)); err != nil {
		return err
	}
	if repair {
		removed, err := stores.covers.Sweep(ctx, stores.Books(), now())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(stdout, "%d orphaned pictures were removed\n", removed); err != nil {
			return err
		}
	}
	if len(report.Missing) > 0 {
		return errors.New("pictures are missing: give those books a new cover, or restore the pictures from a backup")
	}
	return nil
}

func inWords(report covers.Report) string {
	var b strings.Builder
	for _, key := range report.Missing {
		fmt.Fprintln(&b, "missing: ", key)
	}
	for _, key := range report.Orphaned {
		fmt.Fprintln(&b, "orphaned:", key)
	}
	fmt.Fprintf(&b, "%d covers of books; %d pictures missing, %d orphaned\n",
		report.Books, len(report.Missing), len(report.Orphaned))
	return b.String()
}
