package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	osuser "os/user"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bookplate/accounts"
	"bookplate/auth"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/storage"
)

// operatorOpener opens the database for a command. listing is true for a command that only lists accounts.
type operatorOpener func(cmd *cobra.Command, listing bool) (accounts.Operator, io.Closer, error)

// operation is what a command does with accounts.
type operation func(cmd *cobra.Command, operator accounts.Operator, args []string) error

// newUserCommand returns the commands that list and change accounts, for operators who have a shell but no administrator's
// password.
func newUserCommand(open operatorOpener) *cobra.Command {
	withDatabase := func(do operation) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) (err error) {
			operator, closer, err := open(cmd, cmd.Name() == "list")
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, closer.Close()) }()
			return do(cmd, operator, args)
		}
	}
	return newGroup("user", "List accounts and change them",
		&cobra.Command{Use: "list", Short: "List all accounts", Args: cobra.NoArgs, RunE: withDatabase(listUsers)},
		newCreateCommand(withDatabase),
		&cobra.Command{
			Use: "disable EMAIL", Short: "Disable an account: nobody can log in to it", Args: exactArgs(1),
			RunE: withDatabase(disableUser),
		},
		&cobra.Command{Use: "enable EMAIL", Short: "Enable a disabled account", Args: exactArgs(1), RunE: withDatabase(enableUser)},
		&cobra.Command{
			Use: "reset-password EMAIL", Short: "Print a link by which the owner chooses a new password",
			Args: exactArgs(1), RunE: withDatabase(printResetLink),
		},
		&cobra.Command{Use: "grant EMAIL ROLE", Short: "Give an account a role", Args: emailAndRole, RunE: withDatabase(grantRole)},
		&cobra.Command{Use: "revoke EMAIL ROLE", Short: "Take a role from an account", Args: emailAndRole, RunE: withDatabase(revokeRole)},
	)
}

// newCreateCommand returns the command that creates an account. withDatabase turns an operation into a function that
// opens the database and then does the operation.
func newCreateCommand(withDatabase func(operation) func(*cobra.Command, []string) error) *cobra.Command {
	var u models.User
	var admin bool
	create := &cobra.Command{
		Use: "create EMAIL", Short: "Create an account, and print a link by which its owner chooses a password",
		Args: exactArgs(1),
		RunE: withDatabase(func(cmd *cobra.Command, operator accounts.Operator, args []string) error {
			u.Email, u.Role = args[0], models.RoleUser
			if admin {
				u.Role = models.RoleAdmin
			}
			return createUser(cmd, operator, u)
		}),
	}
	create.Flags().StringVar(&u.Name, "name", "", "the owner's name (default: the address)")
	create.Flags().BoolVar(&admin, "admin", false, "make the account an administrator")
	return create
}

func createUser(cmd *cobra.Command, operator accounts.Operator, u models.User) error {
	if err := models.CheckEmail(u.Email); err != nil {
		return fmt.Errorf("the address %q %w", u.Email, err)
	}
	u.Name = cmp.Or(u.Name, u.Email)
	hash, err := auth.NewHasher(auth.OWASP).Hash(cmd.Context(), rand.Text())
	if err != nil {
		return err
	}
	u, link, err := operator.Create(cmd.Context(), u, hash)
	if err != nil {
		return err
	}
	return printLine(cmd, "%s has an account with the role %s.\n"+resetText, u.Email, u.Role, u.Email, link)
}

// emailAndRole checks that the arguments are an account and an existing role.
func emailAndRole(cmd *cobra.Command, args []string) error {
	if err := exactArgs(2)(cmd, args); err != nil {
		return err
	}
	if !slices.Contains(models.Roles, models.Role(args[1])) {
		return fmt.Errorf("unknown role %q, want user, librarian or admin", args[1])
	}
	return nil
}

// openOperator opens the database that the settings name. If listing is true, a server may be using a SQLite database
// at the same time.
func openOperator(cmd *cobra.Command, listing bool) (accounts.Operator, io.Closer, error) {
	settings, err := loadSettings(cmd)
	if err != nil {
		return accounts.Operator{}, nil, err
	}
	prepare := checkLibrary
	if cmd.Name() == "create" { // create may be the first command of a new library
		prepare = makeDataDir
	}
	if err := prepare(settings); err != nil {
		return accounts.Operator{}, nil, err
	}
	open := storage.Open
	if listing {
		open = storage.OpenBeside
	}
	store, err := open(cmd.Context(), settings.DatabaseURL, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if errors.Is(err, storage.ErrInUse) {
		return accounts.Operator{}, nil, errors.New("the server is running, and with SQLite only one program can use the " +
			"database. Stop the server, run this command again, and start the server. Or leave it running: an administrator " +
			"can do the same over the API, and anybody who forgot a password can request a link by POST /users/password/forgot")
	}
	if err != nil {
		return accounts.Operator{}, nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	return accounts.Operator{
		Store: store, Letters: mail.Letters{Base: settings.LinkURL()},
		From: models.FromCommandLine, By: systemUser(), Now: now,
	}, store, nil
}

// systemUser returns the name of the system account that runs the program, or an empty string if it has none, which is
// usual in a container.
func systemUser() string {
	u, err := osuser.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

func listUsers(cmd *cobra.Command, operator accounts.Operator, _ []string) error {
	t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "ID\tE-MAIL\tNAME\tROLE\tSTATE"); err != nil {
		return err
	}
	err := operator.List(cmd.Context(), func(user models.User) {
		// %+q escapes control characters, so that a name cannot control the terminal. Flush returns the errors of the
		// tabwriter.
		_, _ = fmt.Fprintf(t, "%s\t%+q\t%+q\t%s\t%s\n", user.ID, user.Email, user.Name, user.Role, userState(user))
	})
	if err != nil {
		return err
	}
	return t.Flush()
}

func userState(user models.User) string {
	switch {
	case !user.Active:
		return "disabled"
	case user.Pending:
		return "not activated"
	}
	return "active"
}

func disableUser(cmd *cobra.Command, operator accounts.Operator, args []string) error {
	user, err := operator.Find(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	if err := operator.Disable(cmd.Context(), user); err != nil {
		return err
	}
	return printLine(cmd, "%s is disabled", user.Email)
}

func enableUser(cmd *cobra.Command, operator accounts.Operator, args []string) error {
	user, err := operator.Enable(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	return printLine(cmd, "%s is enabled", user.Email)
}

// resetText is the text printed with the link for a new password.
const resetText = "Give this link to the owner of %s. It works once, within an hour:\n%s"

func printResetLink(cmd *cobra.Command, operator accounts.Operator, args []string) error {
	user, err := operator.Find(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	link, err := operator.ResetLink(cmd.Context(), user)
	if err != nil {
		return err
	}
	return printLine(cmd, resetText, user.Email, link)
}

func grantRole(cmd *cobra.Command, operator accounts.Operator, args []string) error {
	user, err := operator.Find(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	role := models.Role(args[1])
	if err := operator.SetRole(cmd.Context(), user, role); err != nil {
		return err
	}
	return printLine(cmd, "%s has the role %s", user.Email, role)
}

func revokeRole(cmd *cobra.Command, operator accounts.Operator, args []string) error {
	user, err := operator.Find(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	if err := operator.Revoke(cmd.Context(), user, models.Role(args[1])); err != nil {
		return err
	}
	return printLine(cmd, "%s has the role %s", user.Email, models.RoleUser)
}

func printLine(cmd *cobra.Command, format string, args ...any) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
	return err
}
