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

// LinkPage returns the handler of a link in a mail, or of the form behind one. The result is a page for a browser, and
// JSON for other clients. A HEAD request uses nothing up: programs that guard mailboxes try links that way.
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
		return showPage(c, status, body.Message, sentence(body.Error), "")
	}
}

// showPage answers with the page of a link. With a token it is the form for a new password.
func showPage(c *gin.Context, status int, title, text, token string) error {
	page, err := static.LinkPage(title, text, token)
	if err != nil {
		return err
	}
	middleware.PrivatePage(c)
	web.ServeHTML(c, status, page)
	return nil
}

// sentence returns the error of an envelope as text: each field with what is wrong with it.
func sentence(detail any) string {
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
