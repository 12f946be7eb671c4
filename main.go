// Bookplate is a book-library API: accounts, books and cover pictures.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/joho/godotenv"

	"bookplate/config"
)

// version is replaced at a release build: -ldflags "-X main.version=1.2.3".
var version = "0.1.0"

const usage = `Usage: bookplate [command]

Without a command, bookplate serves the API.

  user         list accounts, disable or enable one, give it a role, or let its owner choose a new password:
               bookplate user list
               bookplate user disable|enable|reset-password EMAIL
               bookplate user grant|revoke EMAIL ROLE
  config       print every setting, its value and where that comes from
  covers check [--repair]
               report covers that are missing or that no book names; remove the latter
  healthcheck  ask the server on this machine whether it is ready; exit code 0 if so
  version      print the version
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bookplate:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is the program: it reads the settings and does what the command asks for, until ctx ends.
func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	command := strings.Join(args, " ")
	switch command {
	case "version":
		_, err := fmt.Fprintln(stdout, version)
		return err
	case "help", "-h", "--help":
		_, err := io.WriteString(stdout, usage)
		return err
	}
	dotenv, err := godotenv.Read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(".env cannot be read: %w", err)
	}
	settings, err := config.Load(getenv, dotenv)
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "user" {
		return manageUsers(ctx, settings, args[1:], stdout)
	}
	switch command {
	case "":
		return serve(ctx, settings, stdout)
	case "config":
		return settings.Print(stdout)
	case "covers check":
		return checkCovers(ctx, settings, stdout, false)
	case "covers check --repair":
		return checkCovers(ctx, settings, stdout, true)
	case "healthcheck":
		return healthcheck(ctx, settings)
	}
	return fmt.Errorf("unknown command %q\n%s", command, usage)
}
