package account

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// LinkPage returns the handler of a link in a mail, or of the form that such a link opens. The handler calls the
// function use and shows the message or the error that use returns: as a page to browsers, as JSON to other clients. It
// does not call use for HEAD requests, because mail scanners send them to check links.
func LinkPage(use func(c *gin.Context) (message string, err error)) middleware.Handler {
	return func(c *gin.Context) error {
		if c.Request.Method == http.MethodHead {
			return nil
		}
		message, err := use(c)
		if !web.PrefersHTML(c) {
			if err == nil {
				web.Respond(c, http.StatusOK, message, nil)
			}
			return err
		}
		if err == nil {
			return showPage(c, http.StatusOK, message, "", "")
		}
		status, body := middleware.Answer(c, err)
		return showPage(c, status, body.Message, FormatDetail(body.Error), "")
	}
}

// showPage answers with a page that shows a title and a text. If token is not empty, the page also has the form for a
// new password.
func showPage(c *gin.Context, status int, title, text, token string) error {
	page, err := static.LinkPage(title, text, token)
	if err != nil {
		return err
	}
	middleware.PrivatePage(c)
	web.ServeHTML(c, status, page)
	return nil
}

// FormatDetail formats the error field of an envelope as text. If the error is a list of invalid fields, the text has
// each field with the reason.
func FormatDetail(detail any) string {
	fields, isFields := detail.(models.Fields)
	if !isFields {
		return fmt.Sprint(detail)
	}
	var parts []string
	for field, wrong := range fields {
		parts = append(parts, "The "+field+" "+wrong)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}
