// Package catalogue implements the routes for books, covers, shelves and readings.
package catalogue

import (
	"github.com/gin-gonic/gin"

	"bookplate/covers"
	"bookplate/handlers/web"
	"bookplate/library"
	"bookplate/middleware"
	"bookplate/models"
)

// Handlers are the handlers of this package.
type Handlers struct {
	Books      *library.Books
	Shelves    *library.Shelves
	Readings   *library.Readings
	Covers     *covers.Covers
	Links      web.Links
	Categories models.Categories
	MaxUpload  int64 // the largest body with a cover, in bytes
}

var errBookNotFound = &models.Error{Code: models.NotFound, Message: "Book not found"}

// bookNotFound returns err, or the contract's error if it is NotFound.
func bookNotFound(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errBookNotFound.WithCause(err)
	}
	return err
}

// respond answers with a book and the caller's reading of it.
func (h *Handlers) respond(c *gin.Context, status int, message string, b models.Book) error {
	r, err := h.Readings.Get(c.Request.Context(), middleware.UserOf(c), b)
	switch {
	case err == nil:
		b.Reading = &r
	case models.CodeOf(err) != models.NotFound:
		return err
	}
	web.Respond(c, status, message, viewBook(b, h.Links.Base(c)))
	return nil
}
