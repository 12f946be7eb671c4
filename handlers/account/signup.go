package account

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/models"
)

var errNoUserDetails = &models.Error{
	Code: models.Invalid, Name: "body_empty", Message: "Please provide user details", Detail: "Bad request",
}

type signUpRequest struct {
	Name     string     `json:"name"`
	Email    string     `json:"email"`
	Username *string    `json:"username"`
	Password web.Secret `json:"password"`

	Invitation string `json:"invitation"` // the token of an invitation link; required if SIGNUP is invite
}

// SignUp creates an account.
func (h *Handlers) SignUp(c *gin.Context) error {
	var in signUpRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return err
	}
	if b.Empty() {
		return errNoUserDetails
	}
	b.Check("name", h.Names.Check(in.Name))
	u := models.User{Name: in.Name, Email: in.Email}
	if in.Username != nil {
		u.Username = *in.Username
		b.Check("username", models.CheckUsername(u.Username, u.Email))
	}
	b.Check("email", models.CheckEmail(u.Email))
	b.Check("password", h.Passwords.Check(string(in.Password)))
	if err := b.Invalid(); err != nil {
		return err
	}
	if u, err = h.Accounts.SignUp(c.Request.Context(), ClientOf(c), u, string(in.Password), in.Invitation); err != nil {
		return err
	}
	web.Respond(c, http.StatusCreated, "Successfully created new user", web.NewUser(u))
	return nil
}

type emailRequest struct {
	Email string `json:"email"`
}

// readEmail reads a body whose only field is an e-mail address.
func readEmail(c *gin.Context) (string, error) {
	var in emailRequest
	b, err := web.Read(c, &in)
	if err != nil {
		return "", err
	}
	b.Check("email", models.CheckEmail(in.Email))
	return in.Email, b.Invalid()
}

// RequestActivation mails the activation link again. The answer is the same for every address, with or without an
// account.
func (h *Handlers) RequestActivation(c *gin.Context) error {
	email, err := readEmail(c)
	if err != nil {
		return err
	}
	if err := h.Accounts.RequestActivation(c.Request.Context(), ClientOf(c), email); err != nil {
		return err
	}
	web.Respond(c, http.StatusAccepted,
		"If an account waits to be activated at this address, a message is on its way", nil)
	return nil
}

// Activate handles the activation link in a mail.
func (h *Handlers) Activate(c *gin.Context) (string, error) {
	err := h.Accounts.Activate(c.Request.Context(), c.Param("token"))
	return "Your account is activated: you can log in now", err
}
