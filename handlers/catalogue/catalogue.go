// Package catalogue implements the routes for books, covers, shelves, reading records, loans and exports.
package catalogue

import (
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/covers"
	"bookplate/handlers/web"
	"bookplate/library"
	"bookplate/library/isbn"
	"bookplate/library/transfer"
	"bookplate/models"
)

// Handlers are the handlers of this package.
type Handlers struct {
	Books      *library.Books
	Owners     *library.Owners
	Shelves    *library.Shelves
	Readings   *library.Readings
	Loans      *library.Loans
	Covers     *covers.Covers
	ISBN       *isbn.Finder
	Exporter   *transfer.Exporter
	Links      web.Links
	Categories models.Categories
	MaxUpload  int64         // the largest body with a cover, in bytes
	TrashTTL   time.Duration // how long a book stays in the trash; zero for ever
	Imports    *transfer.Imports
	MaxImport  int64           // the largest body with a file to import, in bytes
	Stopping   <-chan struct{} // closed when the server begins to stop
}

var errBookNotFound = &models.Error{Code: models.NotFound, Message: "Book not found"}

// replaceNotFound returns notFound, which clients see, instead of a NotFound error. It returns any other error unchanged.
func replaceNotFound(err error, notFound *models.Error) error {
	if models.CodeOf(err) == models.NotFound {
		return notFound.WithCause(err)
	}
	return err
}

// pathID returns the id in a parameter of the path. The error is notFound if it is malformed.
func pathID(c *gin.Context, parameter string, notFound *models.Error) (models.ID, error) {
	id, err := models.ParseID(c.Param(parameter))
	if err != nil {
		return "", notFound.WithCause(err)
	}
	return id, nil
}
