package accounts

import (
	"context"

	"bookplate/models"
)

// RequestActivation mails another activation link to the account with that address, unless it is activated. Like
// RequestReset, it does not reveal whether there is one. The error is TooManyRequests if a limit is reached, and
// Unavailable if the outbox is full.
func (a *Accounts) RequestActivation(ctx context.Context, client Client, email string) error {
	if err := a.admitLinkRequest(ctx, client, email); err != nil {
		return err
	}
	return a.Outbox.Post(a.activationLetter(email))
}

// Activate activates the account of a link's token. The error is NotFound if the token is not valid.
func (a *Accounts) Activate(ctx context.Context, token string) error {
	ctx = context.WithoutCancel(ctx)
	return a.useLink(ctx, token, models.PurposeActivation, func(u models.User, _ string) error {
		_, err := a.users.Update(ctx, u.ID, models.UserUpdate{Pending: new(false), UpdatedAt: a.Now()})
		return err
	})
}
