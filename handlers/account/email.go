package account

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

type newEmailRequest struct {
	Email    string     `json:"email"`
	Password web.Secret `json:"password"`
}

// RequestEmail mails a confirmation link to the new address.
func (h *Handlers) RequestEmail(c *gin.Context) error {
	var in newEmailRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	b.Check("email", models.CheckEmail(in.Email))
	if in.Email == user.Email {
		b.Check("email", errors.New("is your address already"))
	}
	b.Require("password", string(in.Password))
	if err := b.Invalid(); err != nil {
		return err
	}
	err = h.Accounts.RequestEmail(c.Request.Context(), middleware.SessionOf(c), user, in.Email, string(in.Password))
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusAccepted, "Open the link that was sent to the new address; nothing changes before", nil)
	return nil
}

// ChangeEmail changes the account's e-mail address. It handles the confirmation link that was mailed to the new
// address.
func (h *Handlers) ChangeEmail(c *gin.Context) (string, error) {
	err := h.Accounts.ChangeEmail(c.Request.Context(), c.Param("token"))
	return "Your account has this e-mail address now", err
}
