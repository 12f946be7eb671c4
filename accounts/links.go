package accounts

import (
	"context"
	"errors"

	"bookplate/auth"
	"bookplate/models"
)

// errDeadLink is the error for an unknown, a used and an expired token alike.
var errDeadLink = &models.Error{
	Code: models.NotFound, Name: "link_invalid", Message: "This link does not work",
	Detail: "It is unknown, was used already or has expired",
}

// issueLink creates and stores the token of a link that will be sent to an address.
func (a *Accounts) issueLink(
	ctx context.Context, id models.ID, email string, purpose models.Purpose,
) (token string, err error) {
	return issueLink(ctx, a.tokens, models.OneTimeToken{
		Purpose: purpose, UserID: id, Email: email, ExpiresAt: a.Now().Add(purpose.TTL()),
	})
}

// issueLink creates a token, stores its hash with the other fields of t, and returns the token.
func issueLink(ctx context.Context, tokens models.OneTimeTokens, t models.OneTimeToken) (token string, err error) {
	token, t.Hash = auth.NewOneTimeToken()
	return token, tokens.Create(ctx, t)
}

// withdrawLink deletes a token whose link will not be sent.
func (a *Accounts) withdrawLink(ctx context.Context, token string, purpose models.Purpose) error {
	hash, err := auth.HashOneTimeToken(token)
	if err != nil {
		return err
	}
	_, err = a.tokens.Take(ctx, hash, purpose)
	return ignoreNotFound(err) // a change of the password has deleted it
}

// useLink uses up a token. It calls do with the token's account and the address that the link was sent to. If do fails
// with an internal error, the token can be used again. The error is errDeadLink if the token is not valid.
func (a *Accounts) useLink(
	ctx context.Context, token string, purpose models.Purpose, do func(u models.User, email string) error,
) error {
	hash, err := auth.HashOneTimeToken(token)
	if err != nil {
		return errDeadLink.WithCause(err)
	}
	t, err := a.tokens.Take(ctx, hash, purpose)
	if err != nil {
		return deadLink(err)
	}
	if !t.ExpiresAt.After(a.Now()) {
		return errDeadLink
	}
	u, err := a.linkOwner(ctx, t)
	if err == nil {
		err = do(u, t.Email)
	}
	if err != nil && models.IsInternal(err) {
		return errors.Join(err, a.tokens.Create(context.WithoutCancel(ctx), t))
	}
	return deadLink(err)
}

// linkOwner returns the active account of a token. If the account's address has changed since the link was sent, the
// error is errDeadLink, unless the link is for confirming a new address.
func (a *Accounts) linkOwner(ctx context.Context, t models.OneTimeToken) (models.User, error) {
	u, err := a.users.Get(ctx, t.UserID)
	if err != nil {
		return models.User{}, err
	}
	moved := models.EmailKey(u.Email) != models.EmailKey(t.Email)
	if !u.Active || moved && t.Purpose != models.PurposeEmail {
		return models.User{}, errDeadLink
	}
	return u, nil
}

// deadLink returns errDeadLink if err is NotFound, and err otherwise.
func deadLink(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errDeadLink.WithCause(err)
	}
	return err
}
