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
	claimsKey  = "claims"
)

var (
	errTokenMissing = &models.Error{
		Code: models.Unauthorized, Message: "Authentication Token is missing!", Detail: "Unauthorized",
	}
	errTokenInvalid = &models.Error{
		Code: models.Unauthorized, Message: "Invalid Authentication token!", Detail: "Unauthorized",
	}
	errDisabled = &models.Error{Code: models.Forbidden, Detail: "The account is disabled"}
)

// Authenticator finds the session of a token.
type Authenticator interface {
	Authenticate(ctx context.Context, id, userID models.ID) (models.Session, models.User, error)
}

// TokenRequired lets only requests pass whose access token stands for a session that stands, of an account that is
// active. UserOf and SessionOf return them. The token is the Authorization header's, or else the cookie's.
func TokenRequired(tokens *auth.Tokens, sessions Authenticator, cookies *Cookies, now func() time.Time) Handler {
	return func(c *gin.Context) error {
		token, err := tokenOf(c, cookies)
		if err != nil {
			return err
		}
		if token == "" {
			return TokenMissing(c)
		}
		claims, err := tokens.Verify(token)
		if err != nil {
			return TokenInvalid(c, err)
		}
		c.Set(claimsKey, claims)
		session, user, err := sessions.Authenticate(c.Request.Context(), claims.SessionID, claims.UserID)
		if err := CheckSession(c, session, user, err, now()); err != nil {
			return err
		}
		c.Set(userKey, user)
		c.Set(sessionKey, session)
		return nil
	}
}

// tokenOf is the access token of a request, or nothing if it has none.
func tokenOf(c *gin.Context, cookies *Cookies) (string, error) {
	if token := BearerToken(c); token != "" {
		return token, nil
	}
	return cookies.token(c)
}

// CheckSession says what is wrong with a token whose session was looked up with that outcome, if anything is.
func CheckSession(c *gin.Context, session models.Session, user models.User, err error, now time.Time) error {
	switch {
	case models.CodeOf(err) == models.NotFound:
		return TokenInvalid(c, err)
	case err != nil:
		return err
	case !session.ExpiresAt.After(now):
		return TokenInvalid(c, auth.ErrExpired)
	case !user.Active:
		return errDisabled
	}
	return nil
}

// BearerToken is the token in a request's Authorization header, after the scheme Bearer (RFC 6750) or JWT (Flask-JWT), or
// nothing if there is none.
func BearerToken(c *gin.Context) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(c.GetHeader("Authorization")), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "JWT") {
		return ""
	}
	return strings.TrimSpace(token)
}

// TokenMissing is the answer to a request that has to have a token and has none.
func TokenMissing(c *gin.Context) error {
	c.Header("WWW-Authenticate", "Bearer")
	return errTokenMissing
}

// TokenInvalid is the answer to a token that does not count, as in RFC 6750, section 3.1.
func TokenInvalid(c *gin.Context, err error) error {
	description := "The token is malformed, forged or revoked"
	if errors.Is(err, auth.ErrExpired) {
		description = "The token has expired"
	}
	c.Header("WWW-Authenticate", `Bearer error="invalid_token", error_description="`+description+`"`)
	return errTokenInvalid.Because(err)
}

// ClaimsOf is what the request's access token says, if it has one that is genuine and has not expired. Whether it counts
// is for TokenRequired.
func ClaimsOf(c *gin.Context) (claims auth.Claims, genuine bool) {
	claims, genuine = c.Value(claimsKey).(auth.Claims)
	return claims, genuine
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
