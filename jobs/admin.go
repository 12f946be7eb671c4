package jobs

import (
	"context"

	"bookplate/accounts"
	"bookplate/models"
)

// grantAdmin makes the account of ADMIN_EMAIL an administrator, unless granted is set, which it sets. It looks for the
// account only at start, because an account that appears later may belong to anybody: addresses are not verified. An
// account that is not activated is not trusted either.
func (j Jobs) grantAdmin(ctx context.Context, granted *bool) error {
	if *granted {
		return nil
	}
	user, err := j.Store.Users().GetByEmail(ctx, j.AdminEmail)
	switch {
	case models.CodeOf(err) == models.NotFound:
		j.Log.Warn("ADMIN_EMAIL has no account: sign up with it, then start the server again")
	case err != nil:
		return err
	case user.Role == models.RoleAdmin:
	case user.Pending:
		j.Log.Warn("ADMIN_EMAIL's account is not activated, and may be anybody's: open the link in the mail, "+
			"or ask for another by POST /users/activate, then start the server again", "user", user.ID)
	default:
		operator := accounts.Operator{Store: j.Store, From: models.FromAdminEmail, Now: j.Now}
		if err := operator.SetRole(ctx, user, models.RoleAdmin); err != nil {
			return err
		}
		j.Log.Info("ADMIN_EMAIL's account is an administrator now", "user", user.ID)
	}
	*granted = true
	return nil
}
