package manage

import (
	"context"
	"fmt"
	"text/tabwriter"

	"bookplate/auth"
	"bookplate/models"
)

// page is how many accounts are read at a time.
const page = 500

// each calls do with every account, in the order of their ids.
func (u Users) each(ctx context.Context, do func(models.User)) error {
	f := models.UserFilter{Limit: page}
	for {
		users, err := u.Store.Users().List(ctx, f)
		if err != nil {
			return err
		}
		for _, user := range users {
			do(user)
		}
		if len(users) < page {
			return nil
		}
		f.After = users[len(users)-1].ID
	}
}

func (u Users) list(ctx context.Context) error {
	if err := u.note(ctx, models.ActionListUsers, "", ""); err != nil {
		return err
	}
	t := tabwriter.NewWriter(u.Out, 0, 4, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, "ID\tE-MAIL\tNAME\tROLE\tSTATE"); err != nil {
		return err
	}
	err := u.each(ctx, func(user models.User) {
		// The quotes keep a name from painting the operator's terminal. A tabwriter reports its errors at Flush.
		_, _ = fmt.Fprintf(t, "%s\t%+q\t%+q\t%s\t%s\n", user.ID, user.Email, user.Name, user.Role, state(user))
	})
	if err != nil {
		return err
	}
	return t.Flush()
}

func state(user models.User) string {
	switch {
	case !user.Active:
		return "disabled"
	case user.Pending:
		return "not activated"
	}
	return "active"
}

// find is the account of that id, or the active one of that address.
func (u Users) find(ctx context.Context, who string) (models.User, error) {
	id, err := models.ParseID(who)
	var user models.User
	if err == nil {
		user, err = u.Store.Users().Get(ctx, id)
	} else {
		user, err = u.Store.Users().GetByEmail(ctx, who)
	}
	if models.CodeOf(err) == models.NotFound {
		return models.User{}, fmt.Errorf("no active account has the address %q; bookplate user list shows all", who)
	}
	return user, err
}

func (u Users) disable(ctx context.Context, user models.User) error {
	if err := u.Change(ctx, user.ID, models.UserUpdate{Active: new(false)}); err != nil {
		return err
	}
	return u.say("%s is disabled", user.Email)
}

// enable takes a disabled account: there may be several of one address, which then have to be told apart by their ids.
func (u Users) enable(ctx context.Context, who string) error {
	var found []models.User
	id, notID := models.ParseID(who)
	err := u.each(ctx, func(user models.User) {
		if !user.Active && (notID == nil && user.ID == id || models.EmailKey(user.Email) == models.EmailKey(who)) {
			found = append(found, user)
		}
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return fmt.Errorf("no disabled account has the address %q; bookplate user list shows all", who)
	case len(found) > 1:
		return fmt.Errorf("%d disabled accounts have this address: name one by its id, as bookplate user list shows it",
			len(found))
	}
	user := found[0]
	err = u.Change(ctx, user.ID, models.UserUpdate{Active: new(true)})
	if models.CodeOf(err) == models.Conflict {
		return fmt.Errorf("another account has the address %s by now, or the user name: disable that one first", user.Email)
	}
	if err != nil {
		return err
	}
	return u.say("%s is enabled", user.Email)
}

func (u Users) setRole(ctx context.Context, user models.User, role models.Role) error {
	if err := u.Change(ctx, user.ID, models.UserUpdate{Role: &role}); err != nil {
		return err
	}
	return u.say("%s has the role %s", user.Email, role)
}

func (u Users) revoke(ctx context.Context, user models.User, role models.Role) error {
	if user.Role != role {
		return fmt.Errorf("%s does not have the role %s, but %s", user.Email, role, user.Role)
	}
	return u.setRole(ctx, user, models.RoleUser)
}

// resetPassword prints the link that a mail would have brought. The operator does not learn the new password, and the
// old one counts until the link is used.
func (u Users) resetPassword(ctx context.Context, user models.User) error {
	if !user.Active {
		return fmt.Errorf("%s is disabled: enable the account first", user.Email)
	}
	if err := u.note(ctx, models.ActionLinkUser, user.ID, ""); err != nil {
		return err
	}
	token, hash := auth.NewOneTimeToken()
	err := u.Store.OneTimeTokens().Create(ctx, models.OneTimeToken{
		Hash: hash, Purpose: models.PurposeReset, UserID: user.ID, Email: user.Email,
		ExpiresAt: u.Now().Add(models.PurposeReset.Lives()),
	})
	if err != nil {
		return err
	}
	return u.say("Give this link to the owner of %s. It works once, within an hour:\n%s",
		user.Email, u.Letters.ResetLink(token))
}

func (u Users) say(format string, args ...any) error {
	_, err := fmt.Fprintf(u.Out, format+"\n", args...)
	return err
}
