package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/mail"
	"bookplate/models"
)

// askActivation sends the activation link again. Its answer is the same for every address.
func (h *users) askActivation(c *gin.Context) error {
	return h.mailer.ask(c, h.mailer.activation, "If an account waits to be activated at this address, a message is on its way")
}

// ask reads an address and posts a letter to its account, if there is one.
func (m *mailer) ask(c *gin.Context, letter func(email string) mail.Letter, message string) error {
	b, err := readFields(c)
	if err != nil {
		return err
	}
	email := orEmpty(b.text("email"))
	b.check("email", models.CheckEmail(email))
	if err := models.InvalidFields(b.wrong); err != nil {
		return err
	}
	if err := m.admit(c, email); err != nil {
		return err
	}
	if err := m.outbox.Post(letter(email)); err != nil {
		return err
	}
	respond(c, http.StatusAccepted, message, nil)
	return nil
}

// activate is the link in the mail.
func (h *users) activate(c *gin.Context) (string, error) {
	ctx := goingOn(c)
	err := h.mailer.use(ctx, c.Param("token"), models.PurposeActivation, func(u models.User, _ string) error {
		_, err := h.store.Update(ctx, u.ID, models.UserUpdate{Pending: new(false), UpdatedAt: h.now()})
		return err
	})
	return "Your account is activated: you can log in now", err
}
