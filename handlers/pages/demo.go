package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
)

// Demo serves the route that only a demo has.
type Demo struct {
	Restore func(context.Context) error
	Origins *middleware.Cookies // knows the origins whose pages may use the API
}

// Reset restores the library of the demo. It needs no token, because it ends all sessions, and a test suite calls it before
// each test. Pages of unknown origins may not call it.
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
