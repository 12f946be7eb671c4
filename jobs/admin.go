package jobs

import (
	"context"

	"bookplate/accounts"
	"bookplate/models"
)

// grantAdmin makes the account of ADMIN_EMAIL an administrator. It looks for the account only once: it then sets
// granted, and later calls do nothing. An account with this address that is created later may belong to anybody, so its
// owner must verify the address first; see accounts.Activate.
func (j Jobs) grantAdmin(ctx context.Context, granted *bool) error {
	if *granted {
		return nil
	}
	user, err := j.Store.Users().GetByEmail(ctx, j.AdminEmail)
	switch {
	case models.CodeOf(err) == models.NotFound:
		j.Log.Info("ADMIN_EMAIL has no account yet: it becomes an administrator when it signs up and opens the link in the mail")
	case err != nil:
		return err
	case user.Role == models.RoleAdmin:
	case user.Pending:
		j.Log.Warn("ADMIN_EMAIL's account is not activated, so its owner is unknown: open the link in the mail, "+
			"or request another by POST /users/activate", "user", user.ID)
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
