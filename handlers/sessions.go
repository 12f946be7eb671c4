package handlers

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var errSessionNotFound = &models.Error{Code: models.NotFound, Message: "Session not found"}

type sessions struct {
	store   models.Sessions
	cookies *middleware.Cookies
	links   links
	now     func() time.Time
}

// sessionView is a log-in as its owner sees it.
type sessionView struct {
	ID         models.ID `json:"_id"`
	CreatedAt  *string   `json:"created_at"`
	LastUsedAt *string   `json:"last_used_at"`
	ExpiresAt  *string   `json:"expires_at"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	Current    bool      `json:"current"` // the one that asks
}

func (h *sessions) list(c *gin.Context) error {
	page, err := readPage(c)
	if err != nil {
		return err
	}
	current, f := middleware.SessionOf(c).ID, models.SessionFilter{UserID: middleware.UserOf(c).ID, At: h.now()}
	return list[models.Session]{
		message: "successfully retrieved all sessions",
		fetch: func(after *models.Cursor, limit int) ([]models.Session, error) {
			if f.Limit = limit; after != nil {
				f.After = after.ID
			}
			return h.store.List(c.Request.Context(), f)
		},
		place: func(s models.Session) models.Cursor { return models.Cursor{ID: s.ID} },
		view: func(s models.Session) any {
			return sessionView{
				s.ID, timestamp(s.CreatedAt), timestamp(s.LastUsedAt), timestamp(s.ExpiresAt), s.IP, s.UserAgent, s.ID == current,
			}
		},
	}.respond(c, h.links, page)
}

// end ends a session of the caller's, which may be the one that asks.
func (h *sessions) end(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return errSessionNotFound.Because(err)
	}
	err = h.store.Delete(c.Request.Context(), id, middleware.UserOf(c).ID)
	if models.CodeOf(err) == models.NotFound {
		return errSessionNotFound.Because(err)
	}
	if err != nil {
		return err
	}
	if id == middleware.SessionOf(c).ID {
		h.cookies.Clear(c)
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (h *sessions) logout(c *gin.Context) error {
	if err := h.endMine(c); err != nil && models.CodeOf(err) != models.NotFound { // it is over by now
		return err
	}
	respond(c, http.StatusOK, "Successfully logged out", nil)
	return nil
}

// endMine ends the session that asks. NotFound if somebody else has done so since it was looked up.
func (h *sessions) endMine(c *gin.Context) error {
	err := h.store.Delete(c.Request.Context(), middleware.SessionOf(c).ID, middleware.UserOf(c).ID)
	if err == nil {
		h.cookies.Clear(c)
	}
	return err
}

func (h *sessions) logoutAll(c *gin.Context) error {
	if err := h.store.DeleteAll(c.Request.Context(), middleware.UserOf(c).ID, ""); err != nil {
		return err
	}
	h.cookies.Clear(c)
	respond(c, http.StatusOK, "Successfully logged out everywhere", nil)
	return nil
}
