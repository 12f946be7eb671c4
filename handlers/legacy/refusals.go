package legacy

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// Refusal returns the body of the answer to a wrong password or token. Its argument is the message that the envelope
// would have.
type Refusal func(message string) any

// These are the refusals of the tutorials' routes.
var (
	FlaskBadRequest Refusal = func(message string) any {
		return gin.H{"status_code": http.StatusUnauthorized, "error": "Bad Request", "description": message}
	}
	FlaskRequired Refusal = func(message string) any {
		return gin.H{"status_code": http.StatusUnauthorized, "error": "Authorization Required", "description": message}
	}
	LoginFailed      Refusal = func(string) any { return gin.H{"message": "Login Failed"} }
	InMessage        Refusal = func(message string) any { return gin.H{"message": message} }
	DiaryLoginFailed Refusal = func(message string) any {
		return gin.H{"status": "fail", "data": gin.H{"msg": "Unable to authenticate user: " + message}}
	}
	DiaryFail        Refusal = func(string) any { return gin.H{"status": "fail"} }
	DiaryInvalidUser Refusal = func(string) any { return gin.H{"message": "invalid user"} }
)

// Wrap returns a handler that runs step. It answers a wrong password or token with the body of r, and returns other
// errors.
func (r Refusal) Wrap(step middleware.Handler) middleware.Handler {
	return func(c *gin.Context) error {
		err := step(c)
		switch models.CodeOf(err) {
		case models.TokenMissing, models.TokenInvalid, models.TokenExpired, models.WrongCredentials:
			status, envelope := middleware.Answer(c, err)
			c.AbortWithStatusJSON(status, r(envelope.Message))
			return nil
		}
		return err
	}
}

// UserNotFound answers 404 for a genuine token of an erased account. Other routes reject such a token as invalid.
func (h *Handlers) UserNotFound(step middleware.Handler) middleware.Handler {
	return func(c *gin.Context) error {
		err := step(c)
		if models.CodeOf(err) == models.TokenInvalid && h.Accounts.Erased(c.Request.Context(), middleware.TokenOf(c)) {
			_ = c.Error(err) // for the log line
			c.AbortWithStatusJSON(http.StatusNotFound, gin.H{"message": "User not found"})
			return nil
		}
		return err
	}
}
