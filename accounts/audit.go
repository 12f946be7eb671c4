package accounts

import (
	"context"
	"time"

	"bookplate/models"
)

// Audit writes and reads the audit log, which records what administrators and librarians do with other people's data.
type Audit struct {
	Store models.Audit
	Now   func() time.Time
}

// Note records an action before it is done. If Note fails, the caller must not do the action. So every action is in the
// log, even if the server is killed right after it. An action that fails after Note stays in the log.
func (a *Audit) Note(
	ctx context.Context, actor models.Actor, action models.Action, target models.ID, detail string,
) error {
	entry := models.NewAuditEntry(a.Now(), actor.IP, action, target, detail)
	entry.ActorID = actor.User.ID
	return a.Store.Append(context.WithoutCancel(ctx), entry)
}

// List returns a page of entries, newest first.
func (a *Audit) List(ctx context.Context, f models.AuditFilter) ([]models.AuditEntry, error) {
	return a.Store.List(ctx, f)
}
