package handlers

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

// The refusals that the tutorials foresee, in their words. What they do not is answered as everywhere: a disabled account,
// too many attempts, a body that cannot be read, a store out of reach.

var (
	errUsernameExists = &models.Error{Code: models.Invalid, Body: gin.H{"message": "username already exist"}}
	errEmailExists    = &models.Error{Code: models.Invalid, Body: gin.H{"message": "email already exist"}}
	errSignOut        = &models.Error{
		Code: models.Invalid, Body: gin.H{"message": "Something bad occurred while trying to log you out"},
	}
	errNoSuchUser = &models.Error{Code: models.NotFound, Body: gin.H{"message": "User not found"}}
)

// unprocessable has the form of webargs: a list of reasons for each field.
func unprocessable(wrong models.Fields) error {
	reasons := map[string][]string{}
	for field, reason := range wrong {
		reasons[field] = []string{reason}
	}
	return &models.Error{Code: models.Unprocessable, Detail: wrong, Body: gin.H{"errors": reasons}}
}

// refusal gives an error other words.
type refusal func(c *gin.Context, err error) error

// unauthorized gives the refusals of a password or a token a body of the tutorial's, made from the message that they have
// everywhere else.
func unauthorized(body func(message string) any) refusal {
	return func(_ *gin.Context, err error) error {
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Code != models.Unauthorized {
			return err
		}
		reworded := *e
		reworded.Body = body(e.Message)
		return &reworded
	}
}

var (
	flaskBadRequest = unauthorized(func(message string) any {
		return gin.H{"status_code": http.StatusUnauthorized, "error": "Bad Request", "description": message}
	})
	flaskRequired = unauthorized(func(message string) any {
		return gin.H{"status_code": http.StatusUnauthorized, "error": "Authorization Required", "description": message}
	})
	loginFailed = unauthorized(func(string) any { return gin.H{"message": "Login Failed"} })
	inMessage   = unauthorized(func(message string) any { return gin.H{"message": message} })
	diaryFailed = unauthorized(func(message string) any {
		return gin.H{"status": "fail", "data": gin.H{"msg": "Unable to authenticate user: " + message}}
	})
	diaryFail        = unauthorized(func(string) any { return gin.H{"status": "fail"} })
	diaryInvalidUser = unauthorized(func(string) any { return gin.H{"message": "invalid user"} })
)

// userNotFound tells a token whose account is gone from one that does not count, which everywhere else are the same.
func (h *tutorials) userNotFound(c *gin.Context, err error) error {
	claims, genuine := middleware.ClaimsOf(c)
	if genuine && models.CodeOf(err) == models.Unauthorized {
		_, lookup := h.users.store.Get(c.Request.Context(), claims.UserID)
		if models.CodeOf(lookup) == models.NotFound {
			return errNoSuchUser.Because(err)
		}
	}
	return inMessage(c, err)
}
