package accounts

import (
	"context"

	"bookplate/auth"
	"bookplate/models"
)

// RequestReset mails a link for a new password to the account with that address, if there is one. It returns before the
// account is looked up. So neither the answer nor its timing reveals whether the account exists. The error is
// TooManyRequests if a limit is reached, and Unavailable if the outbox is full.
func (a *Accounts) RequestReset(ctx context.Context, client Client, email string) error {
	if err := a.admitLinkRequest(ctx, client, email); err != nil {
		return err
	}
	return a.Outbox.Post(a.resetLetter(email))
}

// ResetPassword sets a new password with the token of a link. It ends all sessions. The token proves that the caller
// reads the owner's mail, so it also activates the account and resets the count of failed log-ins. The error is
// NotFound if the token is not valid.
func (a *Accounts) ResetPassword(ctx context.Context, client Client, token, password string) error {
	if err := a.admitNetwork(ctx, client, a.LinkLimit, "reset"); err != nil {
		return err
	}
	if _, err := auth.HashOneTimeToken(token); err != nil { // a malformed token is not worth a password hash
		return errDeadLink.WithCause(err)
	}
	hash, err := a.Hasher.Hash(ctx, password) // the hasher may be overloaded, so the token is not used up yet
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	return a.useLink(ctx, token, models.PurposeReset, func(u models.User, email string) error {
		up, err := a.activation(ctx, u)
		if err != nil {
			return err
		}
		up.PasswordHash = &hash
		if err := a.setPassword(ctx, u.ID, up, ""); err != nil {
			return err
		}
		if err := a.login.Forgive(ctx, u.ID); err != nil { // the password is already changed, so this is only logged
			a.Log.Error("cannot reset the count of failed log-ins", "user", u.ID, "error", err)
		}
		a.tell(a.Letters.PasswordChanged(email))
		return nil
	})
}
