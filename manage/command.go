// Package manage is what an operator does with accounts, mostly by `bookplate user …`. It works on the database itself,
// so that it helps where nobody can sign in any more.
package manage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"bookplate/mail"
	"bookplate/models"
)

// Command is a command line, checked.
type Command struct {
	name string
	who  string // an e-mail address or an id
	role models.Role
}

// arguments is how many each command has behind its name.
var arguments = map[string]int{"list": 0, "disable": 1, "enable": 1, "reset-password": 1, "grant": 2, "revoke": 2}

// Parse reads what stands behind `bookplate user`. The error says what is wrong with it.
func Parse(args []string) (Command, error) {
	if len(args) == 0 {
		return Command{}, errors.New("user needs a command")
	}
	want, known := arguments[args[0]]
	switch {
	case !known:
		return Command{}, fmt.Errorf("unknown command %q of user", args[0])
	case len(args)-1 != want:
		return Command{}, fmt.Errorf("user %s needs %d arguments, not %d", args[0], want, len(args)-1)
	}
	c := Command{name: args[0]}
	if want > 0 {
		c.who = args[1]
	}
	if want > 1 {
		c.role = models.Role(args[2])
		if !slices.Contains(models.Roles, c.role) {
			return Command{}, fmt.Errorf("no role %q; there are %v", args[2], models.Roles)
		}
	}
	return c, nil
}

// Users carries out an operator's commands.
type Users struct {
	Operator
	Letters mail.Letters
	Out     io.Writer
}

// Run carries out a command and says what came of it. The error is for the operator.
func (u Users) Run(ctx context.Context, c Command) error {
	switch c.name {
	case "list":
		return u.list(ctx)
	case "enable":
		return u.enable(ctx, c.who)
	}
	user, err := u.find(ctx, c.who)
	if err != nil {
		return err
	}
	switch c.name {
	case "disable":
		return u.disable(ctx, user)
	case "grant":
		return u.setRole(ctx, user, c.role)
	case "revoke":
		return u.revoke(ctx, user, c.role)
	default:
		return u.resetPassword(ctx, user)
	}
}
