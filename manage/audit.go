package manage

import (
	"context"
	"strings"
	"time"

	"bookplate/models"
)

// Operator is who has the machine, and needs no account. What he does is in the audit log.
type Operator struct {
	Store models.Store
	From  string // models.FromCommandLine or models.FromAdminEmail
	By    string // who sits there, by the name of the system's account; empty if that is not known
	Now   func() time.Time
}

// note writes what is about to be done into the audit log. It comes first, as in the API: what cannot be noted is not
// done.
func (o Operator) note(ctx context.Context, action models.Action, target models.ID, detail string) error {
	if o.By != "" {
		detail = strings.TrimPrefix(detail+", by "+o.By, ", ")
	}
	return o.Store.Audit().Append(ctx, models.NewAuditEntry(o.Now(), o.From, action, target, detail))
}

// Change notes a change of an account and makes it, as of now.
func (o Operator) Change(ctx context.Context, id models.ID, up models.UserUpdate) error {
	if err := o.note(ctx, models.ActionChangeUser, id, up.Describe()); err != nil {
		return err
	}
	up.UpdatedAt = o.Now()
	_, err := o.Store.Users().Update(ctx, id, up)
	return err
}
