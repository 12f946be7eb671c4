package handlers

import (
	"context"
	"errors"
	"time"

	"bookplate/auth"
	"bookplate/models"
)

// errDeadLink does not tell a token that never was from one that is used up.
var errDeadLink = &models.Error{
	Code: models.NotFound, Message: "This link does not work", Detail: "It is unknown, was used already or has expired",
}

// oneTime issues the tokens in mails and lets each be used once.
type oneTime struct {
	tokens models.OneTimeTokens
	users  models.Users
	now    func() time.Time
}

// issue makes a token that is sent to an address.
func (o oneTime) issue(
	ctx context.Context, id models.ID, email string, purpose models.Purpose,
) (token string, err error) {
	token, hash := auth.NewOneTimeToken()
	return token, o.tokens.Create(ctx, models.OneTimeToken{
		Hash: hash, Purpose: purpose, UserID: id, Email: email, ExpiresAt: o.now().Add(purpose.Lives()),
	})
}

// withdraw removes a token that nobody is to get.
func (o oneTime) withdraw(ctx context.Context, token string, purpose models.Purpose) error {
	hash, err := o.hash(token)
	if err != nil {
		return err
	}
	_, err = o.tokens.Take(ctx, hash, purpose)
	if models.CodeOf(err) == models.NotFound { // a new password has killed it
		return nil
	}
	return err
}

// use takes a token and does what it is for, with the account it belongs to and the address it was sent to. If that
// fails for a reason of ours, the token counts again.
func (o oneTime) use(
	ctx context.Context, token string, purpose models.Purpose, do func(u models.User, email string) error,
) error {
	hash, err := o.hash(token)
	if err != nil {
		return err
	}
	t, err := o.tokens.Take(ctx, hash, purpose)
	if err != nil {
		return deadLink(err)
	}
	if !t.ExpiresAt.After(o.now()) {
		return errDeadLink
	}
	u, err := o.owner(ctx, t)
	if err == nil {
		err = do(u, t.Email)
	}
	if err != nil && ourFault(err) {
		return errors.Join(err, o.tokens.Create(context.WithoutCancel(ctx), t))
	}
	return deadLink(err)
}

// hash is what the store knows a token by. The link is dead if it can be none that was ever issued.
func (o oneTime) hash(token string) (string, error) {
	hash, err := auth.HashOneTimeToken(token)
	if err != nil {
		return "", errDeadLink.Because(err)
	}
	return hash, nil
}

// owner is the active account that a token belongs to. A token that proves an address is dead once the account has
// another one.
func (o oneTime) owner(ctx context.Context, t models.OneTimeToken) (models.User, error) {
	u, err := o.users.Get(ctx, t.UserID)
	if err != nil {
		return models.User{}, err
	}
	moved := models.EmailKey(u.Email) != models.EmailKey(t.Email)
	if !u.Active || moved && t.Purpose != models.PurposeEmail {
		return models.User{}, errDeadLink
	}
	return u, nil
}

// ourFault says whether an error has nothing to do with what the client sent.
func ourFault(err error) bool {
	switch models.CodeOf(err) {
	case models.Internal, models.Unavailable, models.InsufficientStorage:
		return true
	}
	return false
}

// deadLink is err, or that the link is dead where it is NotFound.
func deadLink(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errDeadLink.Because(err)
	}
	return err
}
