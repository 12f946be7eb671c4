package demo

import (
	"context"
	"crypto/rand"
	"strings"

	"golang.org/x/sync/errgroup"

	"bookplate/accounts"
	"bookplate/models"
)

// members are the people of the demo. The first one is the administrator.
var members = []struct {
	name, username, email string
	role                  models.Role
}{
	{"Alma Reyes", "alma", "admin@example.com", models.RoleAdmin},
	{"Bruno Keller", "bruno", "librarian@example.com", models.RoleLibrarian},
	{"Mira Okafor", "mira", "mira@example.com", models.RoleUser},
	{"Jonas Lind", "jonas", "jonas@example.com", models.RoleUser},
}

// addAccounts signs the members up, and gives them their roles.
func (f *filler) addAccounts(ctx context.Context) error {
	f.accounts = make([]Account, len(members))
	operator := accounts.Operator{Store: f.Store, From: models.FromCommandLine, Now: at(f.begin)}
	group, ctx := errgroup.WithContext(ctx)
	for i, m := range members {
		group.Go(func() error {
			password := newPassword()
			user, err := f.rules(f.begin).SignUp(
				ctx, accounts.Client{}, models.User{Name: m.name, Username: m.username, Email: m.email}, password, "")
			if err == nil && m.role != models.RoleUser {
				err = operator.SetRole(ctx, user, m.role)
			}
			user.Role = m.role
			f.accounts[i] = Account{user, password}
			return err
		})
	}
	return group.Wait()
}

// newPassword returns a random password of 60 bits. The prefix satisfies the rules for passwords.
func newPassword() string { return "Demo1-" + strings.ToLower(rand.Text()[:12]) }
