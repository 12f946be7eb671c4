package accounts

import (
	"cmp"
	"context"

	"bookplate/models"
)

var (
	errUserNotFound = &models.Error{Code: models.NotFound, Message: "User not found"}
	errOwnAccount   = &models.Error{
		Code: models.Forbidden, Name: "own_account", Detail: "You cannot change your own role, or disable yourself, here",
	}
	errLastAdmin = &models.Error{
		Code: models.Forbidden, Name: "last_admin",
		Detail: "No administrator would be left, so nothing was changed: make another account one first (PUT /users/<id>), " +
			"or let the operator take the role away (bookplate user revoke <email> admin)",
	}
)

// NoteList records in the audit log that an administrator searched the list of accounts for a text.
func (a *Accounts) NoteList(ctx context.Context, actor models.Actor, text string) error {
	return a.Audit.Note(ctx, actor, models.ActionListUsers, "", "q="+text)
}

// List returns a page of accounts.
func (a *Accounts) List(ctx context.Context, f models.UserFilter) ([]models.User, error) {
	return a.users.List(ctx, f)
}

// Read returns an account to an administrator, and records this in the audit log.
func (a *Accounts) Read(ctx context.Context, actor models.Actor, id models.ID) (models.User, error) {
	u, err := a.Find(ctx, id)
	if err != nil {
		return models.User{}, err
	}
	return u, a.Audit.Note(ctx, actor, models.ActionReadUser, u.ID, "")
}

// Find returns an account. The error is NotFound if there is none.
func (a *Accounts) Find(ctx context.Context, id models.ID) (models.User, error) {
	u, err := a.users.Get(ctx, id)
	if models.CodeOf(err) == models.NotFound {
		return models.User{}, errUserNotFound.WithCause(err)
	}
	return u, err
}

// ChangeOther changes the role of another account, or disables or enables it. The error is Forbidden if the account is
// the actor's own, or if no administrator would be left. It is Conflict if the account cannot be enabled because
// another account has its address or user name.
func (a *Accounts) ChangeOther(
	ctx context.Context, actor models.Actor, before models.User, up models.UserUpdate,
) (models.User, error) {
	if before.ID == actor.User.ID {
		return models.User{}, errOwnAccount
	}
	return a.changeRole(ctx, actor, before, up)
}

// changeRole records a change of an account's role or state in the audit log, and then makes the change.
func (a *Accounts) changeRole(
	ctx context.Context, actor models.Actor, before models.User, up models.UserUpdate,
) (models.User, error) {
	up.UpdatedAt = a.Now()
	if err := a.Audit.Note(ctx, actor, models.ActionChangeUser, before.ID, up.Describe()); err != nil {
		return models.User{}, err
	}
	after, err := a.users.Update(context.WithoutCancel(ctx), before.ID, up)
	if models.CodeOf(err) == models.Conflict {
		return models.User{}, a.taken(ctx, before.Username, err)
	}
	if err != nil {
		return models.User{}, err
	}
	return after, a.keepAdmin(ctx, actor, before, after)
}

// keepAdmin undoes a change that removed the last administrator. It is called after the change is written: of two
// concurrent changes, at least one sees the other and is undone.
func (a *Accounts) keepAdmin(ctx context.Context, actor models.Actor, before, after models.User) error {
	if !isAdmin(before) || isAdmin(after) {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	left, err := a.users.OtherAdmins(ctx, before.ID)
	if err != nil || left > 0 {
		return err
	}
	undo := models.UserUpdate{Role: &before.Role, Active: &before.Active, UpdatedAt: before.UpdatedAt}
	// Undo the change even if this entry about the undoing cannot be written. The log already has an entry about the
	// change.
	noted := a.Audit.Note(ctx, actor, models.ActionChangeUser, before.ID, "undone: "+undo.Describe())
	_, err = a.users.Update(ctx, before.ID, undo)
	return cmp.Or[error](err, noted, errLastAdmin)
}

func isAdmin(u models.User) bool { return u.Active && u.Role == models.RoleAdmin }

// resign removes the administrator role from an actor who is about to disable or erase their own account. The error is
// Forbidden if they are the last administrator. The role is removed first because an erased account cannot be restored:
// if the last two administrators leave at once, changeRole can still give the role back.
func (a *Accounts) resign(ctx context.Context, actor models.Actor) error {
	if !isAdmin(actor.User) {
		return nil
	}
	left, err := a.users.OtherAdmins(ctx, actor.User.ID)
	if err != nil {
		return err
	}
	if left == 0 {
		return errLastAdmin
	}
	_, err = a.changeRole(ctx, actor, actor.User, models.UserUpdate{Role: new(models.RoleUser)})
	return err
}
