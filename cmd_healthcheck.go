package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthcheckTimeout is longer than the server's own time limit for its stores, so that the server can answer first.
const healthcheckTimeout = 5 * time.Second

// healthcheckCommand asks the server on this machine whether it is ready. The container image, which has no shell, uses it.
func healthcheckCommand(cmd *cobra.Command, _ []string) error {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), healthcheckTimeout)
	defer cancel()
	url := settings.LocalURL() + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{}} // without a proxy: the server is on this machine
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("no server answers: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // only the status is used
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
