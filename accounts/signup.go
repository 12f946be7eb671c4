package accounts

import (
	"context"

	"bookplate/models"
)

// ErrTaken is returned when another account has the e-mail address or the user name.
var ErrTaken = &models.Error{Code: models.Conflict, Message: "User already exists", Detail: "Conflict"}

// SignUp creates an account with the names and the address of u. If activation is required, it mails the link. The error
// is ErrTaken if another account has the address or the user name.
func (a *Accounts) SignUp(ctx context.Context, client Client, u models.User, password string) (_ models.User, err error) {
	if err := a.admitNetwork(ctx, client, a.SignUpLimit, "sign-up"); err != nil {
		return models.User{}, err
	}
	if u.PasswordHash, err = a.Hasher.Hash(ctx, password); err != nil {
		return models.User{}, err
	}
	now := a.Now()
	u.ID, u.Active, u.Pending, u.Role = models.NewID(now), true, a.Activation, models.RoleUser
	u.CreatedAt, u.UpdatedAt = now, now
	if err := a.users.Create(ctx, u); models.CodeOf(err) == models.Conflict {
		return models.User{}, ErrTaken.WithCause(err)
	} else if err != nil {
		return models.User{}, err
	}
	if u.Pending {
		a.post(a.activationLetter(u.Email))
	}
	return u, nil
}

// UsernameTaken reports whether an account has the user name.
func (a *Accounts) UsernameTaken(ctx context.Context, username string) (bool, error) {
	_, err := a.users.GetByUsername(ctx, username)
	return err == nil, ignoreNotFound(err)
}
