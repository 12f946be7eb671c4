package handlers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// shown is the handler of a link out of a mail, or of the form behind one: what became of it is a page for a browser, and
// JSON for other clients. A HEAD uses up nothing: programs that guard mailboxes try links by it.
func shown(use func(c *gin.Context) (message string, err error)) middleware.Handler {
	return func(c *gin.Context) error {
		if c.Request.Method == http.MethodHead {
			return nil
		}
		message, err := use(c)
		if !prefersHTML(c.GetHeader("Accept")) {
			if err == nil {
				respond(c, http.StatusOK, message, nil)
			}
			return err
		}
		if err == nil {
			return showPage(c, http.StatusOK, message, "", "")
		}
		_ = c.Error(err) // for the log line
		status, body := middleware.Answer(c, err)
		return showPage(c, status, body.Message, sentence(body.Error), "")
	}
}

// showPage answers with the page of a link; with a token it is the form for a new password.
func showPage(c *gin.Context, status int, title, text, token string) error {
	page, err := static.LinkPage(title, text, token)
	if err != nil {
		return err
	}
	middleware.PrivatePage(c)
	c.Data(status, contentType("link.html"), page)
	return nil
}

// sentence is an envelope's error as text: each field with what is wrong with it.
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
