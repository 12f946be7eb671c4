package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"bookplate/config"
	"bookplate/covers"
)

// checkCovers reports missing covers and pictures without a book. With repair it deletes the latter. A missing cover is an
// error.
func checkCovers(ctx context.Context, settings config.Config, stdout io.Writer, repair bool) (err error) {
	stores, err := openStores(ctx, settings, newLogger(settings, os.Stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.Close()) }()
	report, err := stores.covers.Check(ctx, stores.Books(), now())
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, formatReport(report)); err != nil {
		return err
	}
	if repair {
		removed, err := stores.covers.RemovePictures(ctx, report.Orphaned)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(stdout, "orphaned pictures removed:", removed); err != nil {
			return err
		}
	}
	if len(report.Missing) > 0 {
		return errors.New("pictures are missing: give those books a new cover, or restore the pictures from a backup")
	}
	return nil
}

func formatReport(report covers.Report) string {
	var b strings.Builder
	for _, key := range report.Missing {
		fmt.Fprintln(&b, "missing: ", key)
	}
	for _, key := range report.Orphaned {
		fmt.Fprintln(&b, "orphaned:", key)
	}
	fmt.Fprintf(&b, "books with a cover: %d, pictures missing: %d, orphaned: %d\n",
		report.Books, len(report.Missing), len(report.Orphaned))
	return b.String()
}
