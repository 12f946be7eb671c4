package middleware

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

const (
	userKey    = "user"
	sessionKey = "session"
	tokenKey   = "token"
)

// Authenticator authenticates access tokens, as accounts.Accounts does. The error for a rejected token is TokenInvalid,
// TokenExpired or Forbidden.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (models.Session, models.User, error)
}

// TokenRequired rejects requests without a valid access token. The token is taken from the Authorization header, or
// else from the cookie. After TokenRequired, UserOf and SessionOf return the account and the session of the token.
func TokenRequired(accounts Authenticator, cookies *Cookies) Handler {
	return func(c *gin.Context) error {
		token, err := findToken(c, cookies)
		if err != nil {
			return err
		}
		if token == "" {
			return &models.Error{Code: models.TokenMissing}
		}
		c.Set(tokenKey, token)
		session, user, err := accounts.Authenticate(c.Request.Context(), token)
		if err != nil {
			return err
		}
		SetUser(c, user)
		c.Set(sessionKey, session)
		return nil
	}
}

// findToken returns the access token of a request, or an empty string if the request has none.
func findToken(c *gin.Context, cookies *Cookies) (string, error) {
	if token := BearerToken(c); token != "" {
		return token, nil
	}
	return cookies.token(c)
}

// BearerToken returns the token in a request's Authorization header, or an empty string if there is none. The scheme
// before the token is Bearer (RFC 6750) or JWT (Flask-JWT).
func BearerToken(c *gin.Context) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(c.GetHeader("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "JWT") {
		return ""
	}
	return strings.TrimSpace(token)
}

// TokenOf returns the token that TokenRequired has found in the request, even if the token was rejected.
func TokenOf(c *gin.Context) string { return c.GetString(tokenKey) }

// SetUser sets the account that UserOf returns.
func SetUser(c *gin.Context, u models.User) { c.Set(userKey, u) }

// UserOf returns the account whose token the request has. It panics on a route without TokenRequired.
func UserOf(c *gin.Context) models.User { return c.MustGet(userKey).(models.User) }

// SessionOf returns the session of the request's token. It panics on a route without TokenRequired.
func SessionOf(c *gin.Context) models.Session { return c.MustGet(sessionKey).(models.Session) }

// ActorOf returns the caller and their IP address, for an entry in the audit log. It panics on a route without
// TokenRequired.
func ActorOf(c *gin.Context) models.Actor { return models.Actor{User: UserOf(c), IP: c.ClientIP()} }

// AdminRequired rejects requests of users who are not administrators. It must come after TokenRequired.
func AdminRequired(c *gin.Context) error {
	if UserOf(c).Role != models.RoleAdmin {
		return &models.Error{Code: models.Forbidden, Name: "admin_required", Detail: "Only an administrator may do this"}
	}
	return nil
}
