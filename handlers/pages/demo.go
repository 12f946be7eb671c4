package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
)

// Demo serves the route that resets a demo. A normal server does not have it.
type Demo struct {
	Restore func(context.Context) error
	Origins *middleware.Cookies // knows the origins whose pages may use the API
}

// Reset restores the library of the demo. It needs no token, so that a test suite can call it before each test, even after an
// earlier reset has ended all sessions. A web page whose origin is not allowed cannot reset the demo (CSRF).
func (d Demo) Reset(c *gin.Context) error {
	if err := d.Origins.Check(c); err != nil {
		return err
	}
	if err := d.Restore(c.Request.Context()); err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully restored the demo", nil)
	return nil
}
