package handlers

import (
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// audit is the log of what administrators and librarians do to what is not theirs.
type audit struct {
	store models.Audit
	links links
	now   func() time.Time
}

// auditView is an entry as administrators see it.
type auditView struct {
	ID       models.ID     `json:"_id"`
	ActorID  *models.ID    `json:"actor_id"` // null for the operator
	Action   models.Action `json:"action"`
	TargetID *models.ID    `json:"target_id"` // null for a list
	Detail   string        `json:"detail"`
	At       *string       `json:"at"`
	IP       string        `json:"ip"`
}

func viewAudit(e models.AuditEntry) any {
	return auditView{e.ID, orNull(e.ActorID), e.Action, orNull(e.TargetID), e.Detail, timestamp(e.At), e.IP}
}

// orNull is an id as JSON has it: null if there is none.
func orNull(id models.ID) *models.ID {
	if id == "" {
		return nil
	}
	return &id
}

// note writes what is about to be done. It comes first, and what cannot be noted is not done: so nothing is done that
// the log does not have, even if the server is killed in between. What then fails, with a conflict or a store that has
// gone, stays noted; the log says what somebody was about to do.
func (h *audit) note(c *gin.Context, action models.Action, target models.ID, detail string) error {
	entry := models.NewAuditEntry(h.now(), c.ClientIP(), action, target, detail)
	entry.ActorID = middleware.UserOf(c).ID
	return h.store.Append(goingOn(c), entry)
}

func (h *audit) list(c *gin.Context) error {
	page, err := readPage(c)
	if err != nil {
		return err
	}
	return list[models.AuditEntry]{
		message: "successfully retrieved the audit log",
		fetch: func(after *models.Cursor, limit int) ([]models.AuditEntry, error) {
			f := models.AuditFilter{Limit: limit}
			if after != nil {
				f.Before = after.ID
			}
			return h.store.List(c.Request.Context(), f)
		},
		place: func(e models.AuditEntry) models.Cursor { return models.Cursor{ID: e.ID} },
		view:  viewAudit,
	}.respond(c, h.links, page)
}
