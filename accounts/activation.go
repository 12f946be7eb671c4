package accounts

import (
	"context"

	"bookplate/models"
)

// RequestActivation mails the activation link again, if an account with that address is not activated. Like
// RequestReset it does not tell whether there is one.
func (a *Accounts) RequestActivation(ctx context.Context, client Client, email string) error {
	if err := a.admitLinkRequest(ctx, client, email); err != nil {
		return err
	}
	return a.Outbox.Post(a.activationLetter(email))
}

// Activate activates the account of a link's token.
func (a *Accounts) Activate(ctx context.Context, token string) error {
	ctx = context.WithoutCancel(ctx)
	return a.useLink(ctx, token, models.PurposeActivation, func(u models.User, _ string) error {
		_, err := a.users.Update(ctx, u.ID, models.UserUpdate{Pending: new(false), UpdatedAt: a.Now()})
		return err
	})
}
