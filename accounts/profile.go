package accounts

import (
	"context"
	"errors"

	"bookplate/models"
)

var errUsernameTaken = &models.Error{
	Code: models.Conflict, Name: models.UsernameTaken, Message: "This user name belongs to another account", Detail: "Conflict",
}

// ChangeProfile changes the names of an account. The error is Conflict if another account has the user name, and
// Invalid if the user name is an e-mail address other than the account's own.
func (a *Accounts) ChangeProfile(ctx context.Context, id models.ID, up models.UserUpdate) (models.User, error) {
	up.UpdatedAt = a.Now()
	user, err := a.users.Update(ctx, id, up)
	switch {
	case errors.Is(err, models.ErrEmailReplaced): // the user name is no longer the account's own address
		return models.User{}, models.InvalidField("username", models.CheckUsername(*up.Username, ""))
	case models.CodeOf(err) == models.Conflict:
		return models.User{}, errUsernameTaken.WithCause(err)
	}
	return user, err
}
