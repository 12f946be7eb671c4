// Package catalogue implements the routes for books, covers, shelves, reading records, loans and exports.
package catalogue

import (
	"time"

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

// bookNotFound replaces a NotFound error by the contract's error for a missing book. It returns any other error
// unchanged.
func bookNotFound(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errBookNotFound.WithCause(err)
	}
	return err
}
