// Bookplate is a book library: an API for accounts, books and cover pictures, and a web app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/joho/godotenv"
	"github.com/spf13/cobra"

	"bookplate/config"
)

// version is set in a release build: -ldflags "-X main.version=1.2.3".
var version = "0.1.0"

// The exit codes of a command that fails.
const (
	exitFailed = 1
	exitUsage  = 2 // the command line is wrong: nothing was done
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, newProgram()))
}

// run executes the command line of the program and returns the exit code.
func run(ctx context.Context, program *cobra.Command) int {
	started := false
	program.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	command, err := program.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case started:
		program.PrintErrln("bookplate:", err)
		return exitFailed
	}
	program.PrintErrf("bookplate: %s\nRun `%s --help` for help.\n", strings.TrimSpace(err.Error()), command.CommandPath())
	return exitUsage
}

// newProgram returns the root command with all commands.
func newProgram() *cobra.Command {
	program := &cobra.Command{
		Use:   "bookplate",
		Short: "A book library: accounts, books and covers, over an API and in a browser",
		Long: "Bookplate is a book library: accounts, books and covers, over an API and in a browser.\n\n" +
			"Without a command it serves the library. Settings come from the flags, the environment and the file .env;\n" +
			"`bookplate config` lists them.",
		Version: version,
		Args:    knownCommand,
		RunE:    serveCommand,

		SilenceErrors: true, // run prints them
		SilenceUsage:  true,
	}
	program.SetOut(os.Stdout)
	program.SetVersionTemplate("{{.Version}}\n")
	program.PersistentFlags().String("addr", "", "address to listen on, host:port (ADDR)")
	program.PersistentFlags().String("data", "", "folder of the database, covers, secret and unsent mail (DATA_DIR)")
	program.AddCommand(
		&cobra.Command{Use: "serve", Short: "Serve the library; the default", Args: cobra.NoArgs, RunE: serveCommand},
		newDemoCommand(),
		newUserCommand(openOperator),
		newCoversCommand(),
		newImportCommand(),
		newBackupCommand(),
		newRestoreCommand(),
		newCopyCommand(),
		&cobra.Command{
			Use: "config", Short: "Print every setting, its value and its source", Args: cobra.NoArgs, RunE: configCommand,
		},
		&cobra.Command{
			Use: "healthcheck", Short: "Ask the server on this machine whether it is ready", Args: cobra.NoArgs,
			RunE: healthcheckCommand,
		},
		&cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) { cmd.Println(version) },
		},
	)
	return program
}

// newGroup returns a command that only has subcommands.
func newGroup(name, short string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use: name, Short: short, Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	group.AddCommand(commands...)
	return group
}

// knownCommand returns an error if the first argument is not a command.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	message := fmt.Sprintf("unknown command %q", args[0])
	cmd.SuggestionsMinimumDistance = 2 // the value that cobra uses for its own errors
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		message += fmt.Sprintf(", did you mean %q?", similar[0])
	}
	return errors.New(message)
}

// exactArgs checks that there are n arguments. The error shows the usage of the command.
func exactArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("want %s", strings.TrimSuffix(cmd.UseLine(), " [flags]"))
		}
		return nil
	}
}

// loadSettings reads the settings from the flags, the environment and the file .env.
func loadSettings(cmd *cobra.Command) (config.Config, error) {
	sources, err := settingsSources(cmd)
	if err != nil {
		return config.Config{}, err
	}
	return config.Load(sources...)
}

// settingsSources returns the flags, the environment and the file .env, in the order of precedence.
func settingsSources(cmd *cobra.Command) ([]config.Source, error) {
	dotenv, err := godotenv.Read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(".env cannot be read: %w", err)
	}
	flags := map[string]string{}
	for flag, setting := range map[string]string{"addr": "ADDR", "data": "DATA_DIR"} {
		flags[setting] = cmd.Flag(flag).Value.String()
	}
	return []config.Source{config.Flags(flags), config.Environment(os.Environ()), config.Dotenv(dotenv)}, nil
}
