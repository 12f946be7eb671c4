// Package legacy implements the routes of three other tutorials: the example of Flask-JWT, a shop and a diary. These
// routes use the same accounts and sessions as all others, but their answers do not have the envelope.
package legacy

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/accounts"
	"bookplate/handlers/account"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// Handlers are the handlers of this package.
type Handlers struct {
	Accounts  *accounts.Accounts
	Account   *account.Handlers
	Passwords models.PasswordPolicy
}

type loginRequest struct {
	Username  string     `json:"username"`
	Email     string     `json:"email"`
	Password  web.Secret `json:"password"`
	Password2 web.Secret `json:"Password"` // the page of the shop tutorial sends this name
}

func (h *Handlers) logIn(c *gin.Context, name func(loginRequest) string) (models.User, accounts.Grant, error) {
	var in loginRequest
	if _, err := web.Read(c, &in); err != nil {
		return models.User{}, accounts.Grant{}, err
	}
	password := string(cmp.Or(in.Password, in.Password2))
	return h.Accounts.LogIn(c.Request.Context(), account.ClientOf(c), name(in), password)
}

func username(in loginRequest) string { return in.Username }

func email(in loginRequest) string { return in.Email }

// FlaskAuth is the log-in of Flask-JWT's example.
func (h *Handlers) FlaskAuth(c *gin.Context) error {
	_, grant, err := h.logIn(c, username)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"access_token": grant.Access})
	return nil
}

// FlaskProtected is the protected route of Flask-JWT's example.
func (h *Handlers) FlaskProtected(c *gin.Context) error {
	c.String(http.StatusOK, "User id: %s", middleware.UserOf(c).ID)
	return nil
}

// LogIn is the log-in of the shop tutorial.
func (h *Handlers) LogIn(c *gin.Context) error {
	_, grant, err := h.logIn(c, username)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"message": "Login Success", "access_token": grant.Access})
	return nil
}

// Name is the profile of the shop tutorial.
func (h *Handlers) Name(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"message": "User found", "name": middleware.UserOf(c).Name})
	return nil
}
