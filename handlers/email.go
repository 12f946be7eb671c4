package handlers

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

var errEmailTaken = &models.Error{
	Code: models.Conflict, Message: "This address belongs to another account", Detail: "Conflict",
}

// askEmail sends a link to the address that the account is to have, and tells the old one. Whether another account has
// it is not told before its owner has opened the link.
func (h *account) askEmail(c *gin.Context) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	user, email := middleware.UserOf(c), orEmpty(b.text("email"))
	b.check("email", models.CheckEmail(email))
	if email == user.Email {
		b.check("email", "is your address already")
	}
	if err := h.confirm(c, b, "password", orEmpty(b.secret("password"))); err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := h.mailer.admitNewEmail(ctx, user.ID, email); err != nil {
		return err
	}
	err = h.mailer.newEmail(ctx, user, email)
	if models.CodeOf(err) == models.NotFound { // the account was erased in between
		return middleware.TokenInvalid(c, err)
	}
	if err != nil {
		return err
	}
	h.mailer.tell(h.mailer.letters.EmailAsked(user.Email))
	respond(c, http.StatusAccepted, "Open the link that was sent to the new address; nothing changes before", nil)
	return nil
}

// changeEmail is the link in that mail. A user name that is the old address becomes the new one: nobody's user name is
// an address of somebody else's.
func (h *account) changeEmail(c *gin.Context) (string, error) {
	ctx := goingOn(c)
	err := h.mailer.use(ctx, c.Param("token"), models.PurposeEmail, func(u models.User, email string) error {
		up := models.UserUpdate{Email: &email, Pending: new(false), UpdatedAt: h.now()}
		if strings.Contains(u.Username, "@") {
			up.Username = &email
		}
		_, err := h.store.Users().Update(ctx, u.ID, up)
		if models.CodeOf(err) == models.Conflict {
			return errEmailTaken.Because(err)
		}
		if err == nil {
			h.mailer.tell(h.mailer.letters.EmailChanged(u.Email))
		}
		return err
	})
	return "Your account has this e-mail address now", err
}
