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
	// Disable the account even if the request is cancelled. Otherwise an administrator, who has just lost the role,
	// would keep an active account without it.
	_, err := a.users.Update(context.WithoutCancel(ctx), actor.User.ID, up)
	return err
}

// Erase deletes the caller's own account and all its data. It deletes the books before the account, so that the owner
// can still sign in and repeat the request if the server dies in between. The error is Invalid for the field password
// if the password is wrong, and Forbidden for the last administrator.
func (a *Accounts) Erase(ctx context.Context, actor models.Actor, session models.Session, password string) error {
	if err := a.confirmPassword(ctx, session, actor.User, "password", password); err != nil {
		return err
	}
	ctx, id := context.WithoutCancel(ctx), actor.User.ID
	// If the account is not found, another request has erased it. Continue, to delete the data that the other request
	// left.
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
	// The account is deleted, so its owner cannot sign in to repeat the request. So each step runs even if another one
	// fails. The steps also delete what concurrent requests of the account have created.
	return errors.Join(
		a.Library.DeleteOwned(ctx, id), a.Store.Shelves().DeleteAll(ctx, id), a.Store.Readings().DeleteAll(ctx, id),
		a.Store.Loans().ForgetBorrower(ctx, id), a.Store.KeyedRequests().DeleteAll(ctx, id),
		a.Store.Imports().DeleteAll(ctx, id),
		a.endAccess(ctx, id, ""))
}
