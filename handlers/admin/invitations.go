package admin

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

type invitationRequest struct {
	Email string `json:"email"`
}

// invitationView is an invitation as the administrator who creates it sees it. The server shows it only once.
type invitationView struct {
	Link      string  `json:"link"`
	Email     string  `json:"email"` // the address that the link was mailed to; may be empty
	ExpiresAt *string `json:"expires_at"`
}

// Invite creates a link with which one person can sign up.
func (h *Handlers) Invite(c *gin.Context) error {
	var in invitationRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	if in.Email != "" {
		b.Check("email", models.CheckEmail(in.Email))
	}
	if err := b.Invalid(); err != nil {
		return err
	}
	link, expires, err := h.Accounts.Invite(c.Request.Context(), middleware.ActorOf(c), in.Email)
	if err != nil {
		return err
	}
	view := invitationView{Link: link, Email: in.Email, ExpiresAt: web.Timestamp(expires)}
	web.Respond(c, http.StatusCreated, "successfully created an invitation", view)
	return nil
}
