package accounts

import (
	"context"
	"errors"
	"time"

	"bookplate/models"
	"bookplate/throttle"
)

// guessLimit limits wrong passwords per session, so that nobody can guess the password with a stolen token. The limit
// for one session does not affect the account's other sessions.
var guessLimit = throttle.Limit{N: 10, Per: 10 * time.Minute}

// errNotPassword is the error for a field that must be the account's password but is not.
var errNotPassword = errors.New("is not your password")

// ChangePassword replaces the password of an account. It ends all other sessions, invalidates earlier links, and
// notifies the owner by mail. The error is Invalid for the field old_password if the old password is wrong, and
// TooManyRequests after too many wrong passwords.
func (a *Accounts) ChangePassword(
	ctx context.Context, session models.Session, user models.User, oldPassword, newPassword string,
) error {
	if err := a.confirmPassword(ctx, session, user, "old_password", oldPassword); err != nil {
		return err
	}
	hash, err := a.Hasher.Hash(ctx, newPassword)
	if err != nil {
		return err
	}
	if err := a.replacePassword(context.WithoutCancel(ctx), user, hash, session.ID); err != nil {
		return err
	}
	a.tell(a.Letters.PasswordChanged(user.Email))
	return nil
}

// confirmPassword checks the account's password. If it is wrong, the error is Invalid for field. Each attempt is
// counted before the password is verified, so that concurrent guesses count too. The right password resets the count.
func (a *Accounts) confirmPassword(
	ctx context.Context, session models.Session, user models.User, field, password string,
) error {
	if password == "" {
		return models.InvalidField(field, models.ErrRequired)
	}
	if err := a.Limiter.Admit(ctx, guessLimit, "password in", string(session.ID)); err != nil {
		return err
	}
	ok, _, err := a.Hasher.Verify(ctx, user.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return models.InvalidField(field, errNotPassword)
	}
	return a.Limiter.Forget(ctx, "password in", string(session.ID))
}

// recheckPassword checks that the account still has the password hash of user. If another request has changed the
// password meanwhile, the error is Invalid for field.
func (a *Accounts) recheckPassword(ctx context.Context, user models.User, field string) error {
	current, err := a.users.Get(ctx, user.ID)
	if err == nil && current.PasswordHash != user.PasswordHash {
		return models.InvalidField(field, errNotPassword)
	}
	return err
}

// replacePassword sets a new password after the owner has confirmed the old one. If another request has changed the
// password since then, replacePassword returns an error. In this case all sessions and links stay valid, unless the
// other change came after recheckPassword.
func (a *Accounts) replacePassword(ctx context.Context, user models.User, hash string, except models.ID) error {
	err := a.recheckPassword(ctx, user, "old_password")
	if err == nil {
		up := models.UserUpdate{PasswordHash: &hash, ReplacedHash: &user.PasswordHash, UpdatedAt: a.Now()}
		err = a.setPassword(ctx, user.ID, up, except)
	}
	if models.CodeOf(err) == models.NotFound { // the account was erased, or has another password
		return models.InvalidField("old_password", errNotPassword)
	}
	return err
}

// setPassword sets an account's password, ends every session except one, and invalidates earlier links. It ends the
// sessions and links before the update, so that none is left if the server dies right after the update. It ends them
// again after the update, because new ones may have been created in between.
func (a *Accounts) setPassword(ctx context.Context, id models.ID, up models.UserUpdate, except models.ID) error {
	if err := a.endAccess(ctx, id, except); err != nil {
		return err
	}
	if _, err := a.users.Update(ctx, id, up); err != nil {
		return err
	}
	return a.endAccess(ctx, id, except)
}

// endAccess ends every session of an account except one, and deletes its one-time tokens.
func (a *Accounts) endAccess(ctx context.Context, id, except models.ID) error {
	if err := a.sessions.DeleteAll(ctx, id, except); err != nil {
		return err
	}
	_, err := a.tokens.DeleteAll(ctx, id)
	return err
}
