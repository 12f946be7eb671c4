// Package account implements the routes for a user's own account: sign-up, log-in, sessions, profile, password, e-mail
// address and the links in mails.
package account

import (
	"github.com/gin-gonic/gin"

	"bookplate/accounts"
	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// Handlers are the handlers of this package.
type Handlers struct {
	Accounts  *accounts.Accounts
	Cookies   *middleware.Cookies
	Links     web.Links
	Names     models.NamePolicy
	Passwords models.PasswordPolicy
}

// ClientOf returns the client that sent the request.
func ClientOf(c *gin.Context) accounts.Client {
	return accounts.Client{IP: c.ClientIP(), UserAgent: c.Request.UserAgent(), RequestID: middleware.RequestIDOf(c)}
}
