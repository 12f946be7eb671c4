package accounts

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"bookplate/models"
)

var (
	// errWrongCredentials is the error for a wrong password and for an unknown name alike.
	errWrongCredentials = &models.Error{Code: models.WrongCredentials}
	// errNotActivated is returned only to a client that knows the password.
	errNotActivated = &models.Error{
		Code: models.Forbidden, Name: "account_not_activated",
		Detail: "The account is not activated yet: open the link in the mail, or ask for another by POST /users/activate",
	}
)

// LogIn starts a session for the account with that e-mail address or user name. The error is WrongCredentials if no
// active account has that name and password. It is TooManyRequests after too many failures, and Forbidden if the
// account is not activated. A failure takes the same time whether or not the account exists.
func (a *Accounts) LogIn(ctx context.Context, client Client, name, password string) (models.User, Grant, error) {
	user, err := a.checkCredentials(ctx, client, name, password)
	if err != nil {
		return models.User{}, Grant{}, err
	}
	g, err := a.startSession(ctx, client, user)
	if err != nil {
		return models.User{}, Grant{}, err
	}
	if err := a.recheckSession(ctx, user, g.Session, password); err != nil {
		return models.User{}, Grant{}, err
	}
	a.Log.Info("logged in", "ip", client.IP, "user", user.ID, "session", g.Session.ID, "id", client.RequestID)
	return user, g, nil
}

// checkCredentials returns the account with that name if the password is right.
func (a *Accounts) checkCredentials(ctx context.Context, client Client, name, password string) (models.User, error) {
	user, err := a.FindByName(ctx, name)
	if err != nil && models.CodeOf(err) != models.NotFound {
		return models.User{}, err
	}
	attempt, throttled := a.login.Begin(ctx, client.IP, name, user.ID)
	if throttled != nil {
		if models.CodeOf(throttled) == models.TooManyRequests {
			a.logFailure(client, "throttled", user.ID)
		}
		return models.User{}, throttled
	}
	defer attempt.End()
	ok, outdated, verifyErr := a.Hasher.Verify(ctx, user.PasswordHash, password)
	if verifyErr != nil {
		return models.User{}, verifyErr
	}
	if !ok {
		a.logFailure(client, "credentials", user.ID)
		return models.User{}, cmp.Or[error](attempt.Failed(ctx), errWrongCredentials.WithCause(err))
	}
	if err := attempt.Succeeded(ctx); err != nil {
		return models.User{}, err
	}
	if err := a.checkActivated(user); err != nil {
		return models.User{}, err
	}
	if outdated {
		return a.renewHash(ctx, user, password)
	}
	return user, nil
}

// logFailure writes the log line that fail2ban reads. Its format must not change, because operators use the filter in
// docs/security.md. The line has the account's id and not the name that was typed, because people sometimes type their
// password as the name.
func (a *Accounts) logFailure(client Client, reason string, userID models.ID) {
	a.Log.Warn("login failed", "ip", client.IP, "reason", reason, "user", userID, "id", client.RequestID)
}

// checkActivated returns errNotActivated if the account's address must be verified first.
func (a *Accounts) checkActivated(user models.User) error {
	if a.Activation && user.Pending {
		return errNotActivated
	}
	return nil
}

// FindByName returns the active account with that e-mail address or user name. The error is NotFound if there is none.
// A name with an @ is looked up as an address only, because a user name with an @ is always the account's own address
// (see models.CheckUsername).
func (a *Accounts) FindByName(ctx context.Context, name string) (models.User, error) {
	if strings.Contains(name, "@") {
		return a.users.GetByEmail(ctx, name)
	}
	return a.users.GetByUsername(ctx, name)
}

// renewHash replaces an outdated password hash, unless the password was changed meanwhile.
func (a *Accounts) renewHash(ctx context.Context, user models.User, password string) (models.User, error) {
	hash, err := a.Hasher.Hash(ctx, password)
	if err != nil {
		return models.User{}, err
	}
	renewed, err := a.users.Update(ctx, user.ID, models.UserUpdate{PasswordHash: &hash, ReplacedHash: &user.PasswordHash})
	if errors.Is(err, models.ErrPasswordReplaced) || models.CodeOf(err) == models.NotFound {
		return user, nil // recheckSession checks whether the password is still right
	}
	return renewed, err
}
