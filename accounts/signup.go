package accounts

import (
	"context"

	"bookplate/models"
)

// SignUp creates an account with the names and the address of u. If activation is required, it mails the link. The error
// is Conflict, named models.UsernameTaken or models.EmailTaken, if another account has the user name or the address.
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
		return models.User{}, a.taken(ctx, u.Username, err)
	} else if err != nil {
		return models.User{}, err
	}
	if u.Pending {
		a.post(a.activationLetter(u.Email))
	}
	return u, nil
}

// taken returns the error for an account whose user name or e-mail address another account has. The user name may be
// empty.
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
