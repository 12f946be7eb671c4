package accounts

import (
	"context"

	"bookplate/models"
)

// RequestActivation mails another activation link to the account with that address, unless the account is activated
// already. Like RequestReset, it does not reveal whether the account exists. The error is TooManyRequests if a limit is
// reached, and Unavailable if the outbox is full.
func (a *Accounts) RequestActivation(ctx context.Context, client Client, email string) error {
	if err := a.admitLinkRequest(ctx, client, email); err != nil {
		return err
	}
	return a.Outbox.Post(a.activationLetter(email))
}

// activation returns the update that activates an account whose address the caller has verified. If the address is
// ADMIN_EMAIL, the update also makes the account an administrator.
func (a *Accounts) activation(ctx context.Context, u models.User) (models.UserUpdate, error) {
	up := models.UserUpdate{Pending: new(false), UpdatedAt: a.Now()}
	if !u.Pending || !a.isAdminEmail(u.Email) {
		return up, nil
	}
	up.Role = new(models.RoleAdmin)
	return up, a.noteAdmin(ctx, models.FromAdminEmail, models.ActionChangeUser, u)
}

// Activate activates the account that the token of a link belongs to. The error is NotFound if the token is not valid.
func (a *Accounts) Activate(ctx context.Context, token string) error {
	ctx = context.WithoutCancel(ctx)
	return a.useLink(ctx, token, models.PurposeActivation, func(u models.User, _ string) error {
		up, err := a.activation(ctx, u)
		if err == nil {
			_, err = a.users.Update(ctx, u.ID, up)
		}
		return err
	})
}
