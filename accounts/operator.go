package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bookplate/mail"
	"bookplate/models"
)

// Operator manages accounts for the person who runs the server. That person uses the command line or the ADMIN_EMAIL
// setting and needs no account. So the audit log records the actions without an actor.
type Operator struct {
	Store   models.Store
	Letters mail.Letters
	From    string // models.FromCommandLine or models.FromAdminEmail
	By      string // the name of the operator's system account, or empty if it is unknown
	Now     func() time.Time
}

// note records an action before it is done; see Audit.Note.
func (o Operator) note(ctx context.Context, action models.Action, target models.ID, detail string) error {
	if o.By != "" {
		detail = strings.TrimPrefix(detail+", by "+o.By, ", ")
	}
	return o.Store.Audit().Append(ctx, models.NewAuditEntry(o.Now(), o.From, action, target, detail))
}

// change records a change of an account in the audit log, and then makes it.
func (o Operator) change(ctx context.Context, id models.ID, up models.UserUpdate) error {
	if err := o.note(ctx, models.ActionChangeUser, id, up.Describe()); err != nil {
		return err
	}
	up.UpdatedAt = o.Now()
	_, err := o.Store.Users().Update(ctx, id, up)
	return err
}

// List calls show with every account, in the order of ids.
func (o Operator) List(ctx context.Context, show func(models.User)) error {
	if err := o.note(ctx, models.ActionListUsers, "", ""); err != nil {
		return err
	}
	return o.each(ctx, show)
}

func (o Operator) each(ctx context.Context, do func(models.User)) error {
	const page = 500
	f := models.UserFilter{Limit: page}
	for {
		users, err := o.Store.Users().List(ctx, f)
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

// Create creates an account and returns it with a link by which its owner chooses a password. hash must be the hash of
// a password that nobody knows, so that nobody can log in before that.
func (o Operator) Create(ctx context.Context, u models.User, hash string) (models.User, string, error) {
	now := o.Now()
	u.ID, u.PasswordHash, u.Active, u.CreatedAt, u.UpdatedAt = models.NewID(now), hash, true, now, now
	if err := o.note(ctx, models.ActionCreateUser, u.ID, "role="+string(u.Role)); err != nil {
		return models.User{}, "", err
	}
	if err := o.Store.Users().Create(ctx, u); models.CodeOf(err) == models.Conflict {
		return models.User{}, "", fmt.Errorf("another account has the address %s", u.Email)
	} else if err != nil {
		return models.User{}, "", err
	}
	link, err := o.ResetLink(ctx, u)
	return u, link, err
}

// SetUpLink returns a link for creating the first administrator. It returns an empty string if any account exists.
func (o Operator) SetUpLink(ctx context.Context) (string, error) {
	users, err := o.Store.Users().List(ctx, models.UserFilter{Limit: 1})
	if err != nil || len(users) > 0 {
		return "", err
	}
	token, err := issueLink(ctx, o.Store.OneTimeTokens(), models.OneTimeToken{
		Purpose: models.PurposeSetUp, ExpiresAt: o.Now().Add(models.PurposeSetUp.TTL()),
	})
	return o.Letters.InvitationLink(token), err
}

// Find returns the account with that id, or the active account with that e-mail address.
func (o Operator) Find(ctx context.Context, name string) (models.User, error) {
	id, err := models.ParseID(name)
	var user models.User
	if err == nil {
		user, err = o.Store.Users().Get(ctx, id)
	} else {
		user, err = o.Store.Users().GetByEmail(ctx, name)
	}
	if models.CodeOf(err) == models.NotFound {
		return models.User{}, fmt.Errorf("no active account has the address %q; bookplate user list shows all", name)
	}
	return user, err
}

// Disable disables an account.
func (o Operator) Disable(ctx context.Context, user models.User) error {
	return o.change(ctx, user.ID, models.UserUpdate{Active: new(false)})
}

// Enable enables the disabled account with that id or e-mail address, and returns it. If several disabled accounts have
// the same address, it returns an error that asks for an id.
func (o Operator) Enable(ctx context.Context, name string) (models.User, error) {
	var found []models.User
	id, notID := models.ParseID(name)
	err := o.each(ctx, func(user models.User) {
		if !user.Active && (notID == nil && user.ID == id || models.EmailKey(user.Email) == models.EmailKey(name)) {
			found = append(found, user)
		}
	})
	switch {
	case err != nil:
		return models.User{}, err
	case len(found) == 0:
		return models.User{}, fmt.Errorf("no disabled account has the address %q; bookplate user list shows all", name)
	case len(found) > 1:
		return models.User{}, fmt.Errorf(
			"%d disabled accounts have this address: name one by its id, as bookplate user list shows it", len(found))
	}
	user := found[0]
	err = o.change(ctx, user.ID, models.UserUpdate{Active: new(true)})
	if models.CodeOf(err) == models.Conflict {
		return models.User{}, fmt.Errorf(
			"another account has the address %s by now, or the user name: disable that one first", user.Email)
	}
	return user, err
}

// SetRole gives an account a role.
func (o Operator) SetRole(ctx context.Context, user models.User, role models.Role) error {
	return o.change(ctx, user.ID, models.UserUpdate{Role: &role})
}

// Revoke removes a role from an account. It returns an error if the account does not have that role.
func (o Operator) Revoke(ctx context.Context, user models.User, role models.Role) error {
	if user.Role != role {
		return fmt.Errorf("%s does not have the role %s, but %s", user.Email, role, user.Role)
	}
	return o.SetRole(ctx, user, models.RoleUser)
}

// ResetLink returns a link for choosing a new password, like the link that RequestReset mails. The operator does not
// learn the new password, and the old one stays valid until the link is used. It returns an error if the account is
// disabled.
func (o Operator) ResetLink(ctx context.Context, user models.User) (string, error) {
	if !user.Active {
		return "", fmt.Errorf("%s is disabled: enable the account first", user.Email)
	}
	if err := o.note(ctx, models.ActionLinkUser, user.ID, ""); err != nil {
		return "", err
	}
	token, err := issueLink(ctx, o.Store.OneTimeTokens(), models.OneTimeToken{
		Purpose: models.PurposeReset, UserID: user.ID, Email: user.Email, ExpiresAt: o.Now().Add(models.PurposeReset.TTL()),
	})
	return o.Letters.ResetLink(token), err
}
