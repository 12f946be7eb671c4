package account

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
)

type passwordRequest struct {
	OldPassword web.Secret `json:"old_password"`
	NewPassword web.Secret `json:"new_password"`
}

// ChangePassword replaces the caller's password.
func (h *Handlers) ChangePassword(c *gin.Context) error {
	var in passwordRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	b.Check("new_password", h.Passwords.Check(string(in.NewPassword)))
	b.Require("old_password", string(in.OldPassword))
	if err := b.Invalid(); err != nil {
		return err
	}
	err = h.Accounts.ChangePassword(c.Request.Context(), middleware.SessionOf(c), middleware.UserOf(c),
		string(in.OldPassword), string(in.NewPassword))
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully changed password", nil)
	return nil
}

// RequestReset mails a link with which the owner of an account can set a new password. The answer is the same for every
// address, and nothing changes until the link is used.
func (h *Handlers) RequestReset(c *gin.Context) error {
	email, err := readEmail(c)
	if err != nil {
		return err
	}
	if err := h.Accounts.RequestReset(c.Request.Context(), ClientOf(c), email); err != nil {
		return err
	}
	web.Respond(c, http.StatusAccepted, "If an account has this address, a message is on its way", nil)
	return nil
}

const resetTitle = "Choose a new password"

// ResetForm shows the form for a new password. It handles the link in the mail. It neither checks the link's token nor
// uses it up.
func (h *Handlers) ResetForm(c *gin.Context) error {
	return showPage(c, http.StatusOK, resetTitle, "", c.Param("token"))
}

type resetRequest struct {
	Token    string     `json:"token"`
	Password web.Secret `json:"password"`
}

// ResetPassword sets a new password. The body, from the form or in JSON, has the password and the token of a mailed
// link. An invalid password does not use up the token.
func (h *Handlers) ResetPassword(c *gin.Context) error {
	var in resetRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	b.Require("token", in.Token)
	b.Check("password", h.Passwords.Check(string(in.Password)))
	if len(b.Wrong()) > 0 && web.PrefersHTML(c) {
		return showPage(c, http.StatusBadRequest, resetTitle, FormatDetail(b.Wrong()), in.Token)
	}
	if err := b.Invalid(); err != nil {
		return err
	}
	return LinkPage(func(c *gin.Context) (string, error) {
		err := h.Accounts.ResetPassword(c.Request.Context(), ClientOf(c), in.Token, string(in.Password))
		return "Your password is changed: you can log in with it now", err
	})(c)
}
