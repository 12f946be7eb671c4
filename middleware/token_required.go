package middleware

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/auth"
	"bookplate/models"
)

const (
	userKey    = "user"
	sessionKey = "session"
)

var errTokenMissing = &models.Error{
	Code: models.Unauthorized, Message: "Authentication Token is missing!", Detail: "Unauthorized",
}

// Authenticator finds the session of a token.
type Authenticator interface {
	Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error)
}

// TokenRequired lets only requests pass whose access token stands for a session that stands, of an account that is
// active. UserOf and SessionOf return them.
func TokenRequired(tokens *auth.Tokens, sessions Authenticator, now func() time.Time) gin.HandlerFunc {
	return Handle(func(c *gin.Context) error {
		token, found := bearerToken(c.GetHeader("Authorization"))
		if !found {
			c.Header("WWW-Authenticate", "Bearer")
			return errTokenMissing
		}
		claims, err := tokens.Verify(token)
		if err != nil {
			return invalidToken(c, err)
		}
		session, user, err := sessions.Authenticate(c.Request.Context(), claims.SessionID, claims.UserID)
		switch {
		case models.CodeOf(err) == models.NotFound:
			return invalidToken(c, err)
		case err != nil:
			return err
		case !session.ExpiresAt.After(now()):
			return invalidToken(c, auth.ErrExpired)
		case !user.Active:
			return &models.Error{Code: models.Forbidden, Detail: "The account is disabled"}
		}
		c.Set(userKey, user)
		c.Set(sessionKey, session)
		return nil
	})
}

// bearerToken is the token in an Authorization header, after the scheme Bearer (RFC 6750) or JWT (Flask-JWT).
func bearerToken(header string) (token string, found bool) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	return token, token != "" && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "JWT"))
}

// invalidToken is the answer of RFC 6750, section 3.1.
func invalidToken(c *gin.Context, err error) error {
	description := "The token is malformed, forged or revoked"
	if errors.Is(err, auth.ErrExpired) {
		description = "The token has expired"
	}
	c.Header("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+description+`"`)
	return &models.Error{Code: models.Unauthorized, Err: err}
}

// UserOf is the account behind the request. It panics on a route without TokenRequired.
func UserOf(c *gin.Context) models.User { return c.MustGet(userKey).(models.User) }

// SessionOf is the session behind the request. It panics on a route without TokenRequired.
func SessionOf(c *gin.Context) models.Session { return c.MustGet(sessionKey).(models.Session) }

// AdminRequired lets only administrators pass. It stands behind TokenRequired.
func AdminRequired(c *gin.Context) error {
	if UserOf(c).Role != models.RoleAdmin {
		return &models.Error{Code: models.Forbidden, Detail: "Only an administrator may do this"}
	}
	return nil
}
