package manage

import (
	"context"
	"strings"

	"bookplate/models"
)

// note writes what is about to be done into the audit log. It comes first, as in the API: what cannot be noted is not
// done.
func (u Users) note(ctx context.Context, action models.Action, target models.ID, detail string) error {
	if u.By != "" {
		detail = strings.TrimPrefix(detail+", by "+u.By, ", ")
	}
	now := u.Now()
	return u.Store.Audit().Append(ctx, models.AuditEntry{
		ID: models.NewID(now), Action: action, TargetID: target, Detail: detail, At: now, IP: models.FromCommandLine,
	})
}

// change notes a change of an account and makes it.
func (u Users) change(ctx context.Context, id models.ID, up models.UserUpdate) error {
	if err := u.note(ctx, models.ActionChangeUser, id, up.Describe()); err != nil {
		return err
	}
	up.UpdatedAt = u.Now()
	_, err := u.Store.Users().Update(ctx, id, up)
	return err
}
