package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	osuser "os/user"
	"slices"
	"text/tabwriter"

	"bookplate/accounts"
	"bookplate/config"
	"bookplate/mail"
	"bookplate/models"
	"bookplate/storage"
)

// userCommand is the arguments of `bookplate user`.
type userCommand struct {
	name    string
	account string // an e-mail address or an id
	role    models.Role
}

// userArguments is the number of arguments of each command.
var userArguments = map[string]int{"list": 0, "disable": 1, "enable": 1, "reset-password": 1, "grant": 2, "revoke": 2}

// parseUserCommand reads the arguments after `bookplate user`. The error says what is wrong with them.
func parseUserCommand(args []string) (userCommand, error) {
	if len(args) == 0 {
		return userCommand{}, errors.New("user needs a command")
	}
	want, known := userArguments[args[0]]
	switch {
	case !known:
		return userCommand{}, fmt.Errorf("unknown command %q of user", args[0])
	case len(args)-1 != want:
		return userCommand{}, fmt.Errorf("user %s needs %d arguments, not %d", args[0], want, len(args)-1)
	}
	c := userCommand{name: args[0]}
	if want > 0 {
		c.account = args[1]
	}
	if want > 1 {
		c.role = models.Role(args[2])
		if !slices.Contains(models.Roles, c.role) {
			return userCommand{}, fmt.Errorf("no role %q; there are %v", args[2], models.Roles)
		}
	}
	return c, nil
}

// manageUsers changes accounts in the database, for operators with shell access but no administrator password.
func manageUsers(ctx context.Context, settings config.Config, args []string, stdout io.Writer) (err error) {
	command, err := parseUserCommand(args)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, usage)
	}
	store, err := storage.Open(ctx, settings.DatabaseURL, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if errors.Is(err, storage.ErrInUse) {
		return errors.New("the server is running, and with SQLite only one program can use the database. Stop the " +
			"server, run this command again, and start the server. Or leave it running: an administrator can do the same " +
			"over the API, and anybody who forgot a password can request a link by POST /users/password/forgot")
	}
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	operator := accounts.Operator{
		Store: store, Letters: mail.Letters{Base: settings.LinkURL()},
		From: models.FromCommandLine, By: systemUser(), Now: now,
	}
	return command.run(ctx, operator, stdout)
}

// systemUser returns the name of the system account that runs the program. In a container there may be none.
func systemUser() string {
	u, err := osuser.Current()
	if err != nil {
		return ""
	}
	return u.Username
}

// run carries out the command and prints the result.
func (c userCommand) run(ctx context.Context, operator accounts.Operator, out io.Writer) error {
	switch c.name {
	case "list":
		return listUsers(ctx, operator, out)
	case "enable":
		user, err := operator.Enable(ctx, c.account)
		if err != nil {
			return err
		}
		return printLine(out, "%s is enabled", user.Email)
	}
	user, err := operator.Find(ctx, c.account)
	if err != nil {
		return err
	}
	switch c.name {
	case "disable":
		err = operator.Disable(ctx, user)
	case "grant":
		err = operator.SetRole(ctx, user, c.role)
	case "revoke":
		err = operator.Revoke(ctx, user, c.role)
	case "reset-password":
		return printResetLink(ctx, operator, user, out)
	}
	if err != nil {
		return err
	}
	if c.name == "disable" {
		return printLine(out, "%s is disabled", user.Email)
	}
	role := c.role
	if c.name == "revoke" {
		role = models.RoleUser
	}
	return printLine(out, "%s has the role %s", user.Email, role)
}

func listUsers(ctx context.Context, operator accounts.Operator, out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "ID\tE-MAIL\tNAME\tROLE\tSTATE"); err != nil {
		return err
	}
	err := operator.List(ctx, func(user models.User) {
		// Quoted, so that a name cannot send escape sequences to the terminal. A tabwriter reports its errors at Flush.
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

func printResetLink(ctx context.Context, operator accounts.Operator, user models.User, out io.Writer) error {
	link, err := operator.ResetLink(ctx, user)
	if err != nil {
		return err
	}
	return printLine(out, "Give this link to the owner of %s. It works once, within an hour:\n%s", user.Email, link)
}

func printLine(out io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(out, format+"\n", args...)
	return err
}
