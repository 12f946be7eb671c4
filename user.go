package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	osuser "os/user"

	"bookplate/config"
	"bookplate/mail"
	"bookplate/manage"
	"bookplate/models"
	"bookplate/storage"
)

// manageUsers works on the accounts in the database itself, for who has the machine but no administrator's password.
func manageUsers(ctx context.Context, settings config.Config, args []string, stdout io.Writer) (err error) {
	command, err := manage.Parse(args)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, usage)
	}
	store, err := storage.Open(ctx, settings.DatabaseURL, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if errors.Is(err, storage.ErrInUse) {
		return errors.New("the server is running, and with SQLite only one program can have the database. Stop the " +
			"server, run this command again, and start the server. Or leave it running: an administrator can do the same " +
			"over the API, and whoever forgot a password can ask for a link by POST /users/password/forgot")
	}
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	users := manage.Users{
		Operator: manage.Operator{Store: store, From: models.FromCommandLine, By: systemUser(), Now: now},
		Letters:  mail.Letters{Base: settings.LinkURL()},
		Out:      stdout,
	}
	return users.Run(ctx, command)
}

// systemUser is who runs this program, if the system has a name for him: in a container it may have none.
func systemUser() string {
	u, err := osuser.Current()
	if err != nil {
		return ""
	}
	return u.Username
}
