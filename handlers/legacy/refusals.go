package legacy

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// Refusal returns the body of the answer to a wrong password or token. message is the text that other routes put into
// the envelope.
type Refusal func(message string) any

// The refusals that the other tutorials' clients expect.
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

// Wrap returns a handler that calls step. If the error of step is a wrong password or a missing or invalid token, the
// handler answers with the body that r makes. It returns any other error.
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

// UserNotFound returns a handler that calls step. If step rejects a genuine token because its account is erased, the
// handler answers 404. On other routes, such a token is invalid.
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
