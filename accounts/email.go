package accounts

import (
	"context"
	"strings"

	"bookplate/models"
)

var errEmailTaken = &models.Error{
	Code: models.Conflict, Name: models.EmailTaken, Message: "This address belongs to another account", Detail: "Conflict",
}

// RequestEmail mails a link to the new address of an account, and notifies the old address. Only opening the link
// reveals whether another account has the new address; the answer of RequestEmail does not. The error is Invalid for
// the field password if the password is wrong.
func (a *Accounts) RequestEmail(
	ctx context.Context, session models.Session, user models.User, email, password string,
) error {
	if err := a.confirmPassword(ctx, session, user, "password", password); err != nil {
		return err
	}
	if err := a.admitNewEmail(ctx, user.ID, email); err != nil {
		return err
	}
	err := a.sendNewEmailLink(ctx, user, email)
	if models.CodeOf(err) == models.NotFound { // the account was erased meanwhile
		return models.ErrNoAccount.WithCause(err)
	}
	if err != nil {
		return err
	}
	a.tell(a.Letters.EmailRequested(user.Email))
	return nil
}

// ChangeEmail uses the token of a link: it changes the account's address to the one that received the link. A user name
// that is the old address is changed, too, because another account may get that address. The error is NotFound if the
// token is not valid, and Conflict if another account has the new address.
func (a *Accounts) ChangeEmail(ctx context.Context, token string) error {
	ctx = context.WithoutCancel(ctx)
	return a.useLink(ctx, token, models.PurposeEmail, func(u models.User, email string) error {
		up := models.UserUpdate{Email: &email, Pending: new(false), UpdatedAt: a.Now()}
		if strings.Contains(u.Username, "@") {
			up.Username = &email
		}
		_, err := a.users.Update(ctx, u.ID, up)
		if models.CodeOf(err) == models.Conflict {
			return errEmailTaken.WithCause(err)
		}
		if err == nil {
			a.tell(a.Letters.EmailChanged(u.Email))
		}
		return err
	})
}
