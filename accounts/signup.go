package accounts

import (
	"context"
	"errors"

	"bookplate/models"
)

// SignUp creates an account with the names and the address of u. If the address must be verified, SignUp mails a link
// for that. The error is Forbidden if sign-up is closed or requires an invitation, and Invalid if the invitation is not
// valid. If another account has the user name or the address, the error is Conflict, its name is models.UsernameTaken
// or models.EmailTaken, and the invitation stays valid.
func (a *Accounts) SignUp(
	ctx context.Context, client Client, u models.User, password, invitation string,
) (_ models.User, err error) {
	if err := a.admitSignUp(invitation); err != nil {
		return models.User{}, err
	}
	if err := a.admitNetwork(ctx, client, a.SignUpLimit, "sign-up"); err != nil {
		return models.User{}, err
	}
	if u.PasswordHash, err = a.Hasher.Hash(ctx, password); err != nil {
		return models.User{}, err
	}
	ctx = context.WithoutCancel(ctx)
	now := a.Now()
	u.ID, u.Active, u.Role, u.CreatedAt, u.UpdatedAt = models.NewID(now), true, models.RoleUser, now, now
	u.Pending = a.Activation || a.isAdminEmail(u.Email)
	if invitation == "" {
		err = a.create(ctx, u)
	} else {
		u, err = a.createInvited(ctx, u, invitation)
	}
	if err != nil {
		return models.User{}, err
	}
	if u.Pending {
		a.post(a.activationLetter(u.Email))
	}
	return u, nil
}

func (a *Accounts) create(ctx context.Context, u models.User) error {
	err := a.users.Create(ctx, u)
	if models.CodeOf(err) == models.Conflict {
		return a.taken(ctx, u.Username, err)
	}
	return err
}

// createInvited creates an account with an invitation. If the invitation was mailed, the account's address counts as
// verified.
func (a *Accounts) createInvited(ctx context.Context, u models.User, token string) (models.User, error) {
	invitation, err := a.takeInvitation(ctx, token, u.Email)
	if err != nil {
		return models.User{}, err
	}
	if invitation.Email != "" {
		u.Pending = false
	}
	if invitation.Purpose == models.PurposeSetUp {
		u.Pending, u.Role = false, models.RoleAdmin
		err = a.noteAdmin(ctx, models.FromSetUpLink, models.ActionCreateUser, u)
	}
	if err == nil {
		err = a.create(ctx, u)
	}
	if err != nil {
		return models.User{}, errors.Join(err, a.tokens.Create(ctx, invitation))
	}
	return u, nil
}

// noteAdmin records in the audit log that somebody becomes an administrator by a link, not by another administrator.
func (a *Accounts) noteAdmin(ctx context.Context, from string, action models.Action, u models.User) error {
	detail := "role=" + string(models.RoleAdmin)
	return a.Store.Audit().Append(ctx, models.NewAuditEntry(a.Now(), from, action, u.ID, detail))
}

// isAdminEmail reports whether an address is the one whose owner becomes an administrator.
func (a *Accounts) isAdminEmail(email string) bool {
	return a.AdminEmail != "" && models.EmailKey(email) == models.EmailKey(a.AdminEmail)
}

// taken returns the Conflict for a new account if another account has its user name or its address. The error's name
// says which of the two is taken. The user name may be empty.
func (a *Accounts) taken(ctx context.Context, username string, conflict error) error {
	name := models.EmailTaken
	if username != "" {
		_, err := a.users.GetByUsername(ctx, username)
		if ignoreNotFound(err) != nil {
			return err
		}
		if err == nil {
			name = models.UsernameTaken
		}
	}
	return &models.Error{
		Code: models.Conflict, Name: name, Message: "User already exists", Detail: "Conflict", Err: conflict,
	}
}
