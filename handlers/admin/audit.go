package admin

import (
	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/models"
)

// auditView is an entry of the audit log as administrators see it.
type auditView struct {
	ID       models.ID     `json:"_id"`
	ActorID  *models.ID    `json:"actor_id"` // null for the operator
	Action   models.Action `json:"action"`
	TargetID *models.ID    `json:"target_id"` // null if the action was to read a list
	Detail   string        `json:"detail"`
	At       *string       `json:"at"`
	IP       string        `json:"ip"`
}

func viewAudit(e models.AuditEntry) any {
	return auditView{
		e.ID, web.OrNull(e.ActorID), e.Action, web.OrNull(e.TargetID), e.Detail, web.Timestamp(e.At), e.IP,
	}
}

// Audit lists the audit log, newest entries first.
func (h *Handlers) Audit(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	return web.List[models.AuditEntry]{
		Message: "successfully retrieved the audit log",
		Fetch: func(after *models.Cursor, limit int) ([]models.AuditEntry, error) {
			f := models.AuditFilter{Limit: limit}
			if after != nil {
				f.Before = after.ID
			}
			return h.Accounts.Audit.List(c.Request.Context(), f)
		},
		Cursor: func(e models.AuditEntry) models.Cursor { return models.Cursor{ID: e.ID} },
		View:   viewAudit,
	}.Respond(c, h.Links, page)
}
