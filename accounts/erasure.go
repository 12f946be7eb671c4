package accounts

import (
	"context"
	"errors"

	"bookplate/models"
)

// Disable disables the caller's own account. The error is Forbidden for the last administrator.
func (a *Accounts) Disable(ctx context.Context, actor models.Actor) error {
	if err := a.resign(ctx, actor); err != nil {
		return err
	}
	up := models.UserUpdate{Active: new(false), UpdatedAt: a.Now()}
	// Not cancelled with the request: an administrator would lose the role but stay active.
	_, err := a.users.Update(context.WithoutCancel(ctx), actor.User.ID, up)
	return err
}

// Erase deletes the caller's own account and all its data. It deletes the books before the account: if the server dies in
// between, the owner can still sign in and repeat the request. The error is Invalid, naming password, if the password is
// wrong, and Forbidden for the last administrator.
func (a *Accounts) Erase(ctx context.Context, actor models.Actor, session models.Session, password string) error {
	if err := a.confirmPassword(ctx, session, actor.User, "password", password); err != nil {
		return err
	}
	ctx, id := context.WithoutCancel(ctx), actor.User.ID
	// An account that is not found was erased by another request. This one deletes what that request left.
	if err := ignoreNotFound(a.recheckPassword(ctx, actor.User, "password")); err != nil {
		return err
	}
	if err := a.resign(ctx, actor); err != nil {
		return err
	}
	if err := a.Library.DeleteOwned(ctx, id); err != nil {
		return err
	}
	if err := ignoreNotFound(a.users.Delete(ctx, id)); err != nil {
		return err
	}
	// Nobody can sign in any more to repeat the request, so each step runs even if another fails. They delete what was
	// created meanwhile.
	return errors.Join(
		a.Library.DeleteOwned(ctx, id), a.Store.Shelves().DeleteAll(ctx, id), a.Store.Readings().DeleteAll(ctx, id),
		a.Store.Loans().ForgetBorrower(ctx, id),
		a.endAccess(ctx, id, ""))
}
