package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bookplate/covers"
)

func newCoversCommand() *cobra.Command {
	var repair bool
	check := &cobra.Command{
		Use: "check", Short: "Report missing and damaged pictures, and those that no book uses", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return checkCovers(cmd, repair) },
	}
	check.Flags().BoolVar(&repair, "repair", false, "delete the pictures that no book uses")
	return newGroup("covers", "Check the covers", check)
}

// checkCovers reports missing, damaged and orphaned pictures. Orphaned pictures are those that no book names. If repair
// is true, it deletes the orphaned pictures. It returns an error if a picture is missing or damaged.
func checkCovers(cmd *cobra.Command, repair bool) (err error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	if err := checkLibrary(settings); err != nil {
		return err
	}
	ctx, stdout := cmd.Context(), cmd.OutOrStdout()
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
	if len(report.Missing)+len(report.Damaged) > 0 {
		return errors.New("pictures are missing or damaged: give those books a new cover, or restore the pictures from a backup")
	}
	return nil
}

func formatReport(report covers.Report) string {
	var b strings.Builder
	for _, key := range report.Missing {
		fmt.Fprintln(&b, "missing: ", key)
	}
	for _, key := range report.Damaged {
		fmt.Fprintln(&b, "damaged: ", key)
	}
	for _, key := range report.Orphaned {
		fmt.Fprintln(&b, "orphaned:", key)
	}
	fmt.Fprintf(&b, "books with a cover: %d, pictures missing: %d, damaged: %d, orphaned: %d\n",
		report.Books, len(report.Missing), len(report.Damaged), len(report.Orphaned))
	return b.String()
}
