package account

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/accounts"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// sessionView is a session as its owner sees it.
type sessionView struct {
	ID         models.ID `json:"_id"`
	CreatedAt  *string   `json:"created_at"`
	LastUsedAt *string   `json:"last_used_at"`
	ExpiresAt  *string   `json:"expires_at"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	Current    bool      `json:"current"` // whether the request uses this session
}

// Sessions lists the caller's sessions.
func (h *Handlers) Sessions(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	current, user := middleware.SessionOf(c).ID, middleware.UserOf(c).ID
	return web.List[models.Session]{
		Message: "successfully retrieved all sessions",
		Fetch: func(after *models.Cursor, limit int) ([]models.Session, error) {
			var id models.ID
			if after != nil {
				id = after.ID
			}
			return h.Accounts.Sessions(c.Request.Context(), user, id, limit)
		},
		Cursor: func(s models.Session) models.Cursor { return models.Cursor{ID: s.ID} },
		View: func(s models.Session) any {
			return sessionView{
				s.ID, web.Timestamp(s.CreatedAt), web.Timestamp(s.LastUsedAt), web.Timestamp(s.ExpiresAt), s.IP, s.UserAgent,
				s.ID == current,
			}
		},
	}.Respond(c, h.Links, page)
}

// EndSession ends one of the caller's sessions.
func (h *Handlers) EndSession(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return accounts.ErrSessionNotFound.WithCause(err)
	}
	if err := h.Accounts.EndSession(c.Request.Context(), id, middleware.UserOf(c).ID); err != nil {
		return err
	}
	if id == middleware.SessionOf(c).ID {
		h.Cookies.Clear(c)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// LogOut ends the session of the request. It succeeds even if the session has already ended.
func (h *Handlers) LogOut(c *gin.Context) error {
	if err := h.EndCurrent(c); err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	web.Respond(c, http.StatusOK, "Successfully logged out", nil)
	return nil
}

// EndCurrent ends the session of the request. It returns NotFound if the session has already ended.
func (h *Handlers) EndCurrent(c *gin.Context) error {
	err := h.Accounts.EndSession(c.Request.Context(), middleware.SessionOf(c).ID, middleware.UserOf(c).ID)
	if err == nil {
		h.Cookies.Clear(c)
	}
	return err
}

// LogOutEverywhere ends all of the caller's sessions.
func (h *Handlers) LogOutEverywhere(c *gin.Context) error {
	if err := h.Accounts.EndSessions(c.Request.Context(), middleware.UserOf(c).ID); err != nil {
		return err
	}
	h.Cookies.Clear(c)
	web.Respond(c, http.StatusOK, "Successfully logged out everywhere", nil)
	return nil
}
