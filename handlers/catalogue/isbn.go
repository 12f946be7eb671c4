package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/library/isbn"
	"bookplate/middleware"
	"bookplate/models"
)

// foundView is what the metadata sources know about a book, as clients see it.
type foundView struct {
	Book       map[string]any    `json:"book"`         // can be posted to /books
	Sources    map[string]string `json:"sources"`      // of each field, and of the cover
	CoverURL   *string           `json:"cover_url"`    // at the source; null if there is none
	OutOfReach []string          `json:"out_of_reach"` // the sources that could not be asked
}

// searchView is what the metadata sources know about books that a search has found.
type searchView struct {
	Books      []resultView `json:"books"`
	OutOfReach []string     `json:"out_of_reach"` // the sources that could not be asked
}

type resultView struct {
	Book     map[string]any `json:"book"` // can be posted to /books
	Source   string         `json:"source"`
	CoverURL *string        `json:"cover_url"` // at the source; null if there is none
}

// SearchSources shows what the metadata sources know about books with the words of the query.
func (h *Handlers) SearchSources(c *gin.Context) error {
	words := strings.TrimSpace(c.Query("q"))
	if words == "" {
		return models.InvalidField("q", models.ErrRequired)
	}
	if utf8.RuneCountInString(words) > isbn.MaxSearch {
		return models.InvalidField("q", fmt.Errorf("must have at most %d characters", isbn.MaxSearch))
	}
	found, err := h.ISBN.Search(c.Request.Context(), words)
	if err != nil {
		return err
	}
	view := searchView{Books: []resultView{}, OutOfReach: append([]string{}, found.OutOfReach...)}
	for _, book := range found.Books {
		view.Books = append(view.Books, resultView{maps.Collect(book.Fields.Changes()), book.Source, web.OrNull(book.CoverURL)})
	}
	web.Respond(c, http.StatusOK, "successfully searched the sources", view)
	return nil
}

// LookUp shows what the metadata sources know about an ISBN.
func (h *Handlers) LookUp(c *gin.Context) error {
	number, err := models.ParseISBN(c.Param("isbn"))
	if err != nil {
		return models.InvalidField("isbn", err)
	}
	found, err := h.ISBN.Find(c.Request.Context(), number)
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully found a book", foundView{
		Book: maps.Collect(found.Fields.Changes()), Sources: found.Sources, CoverURL: web.OrNull(found.CoverURL),
		OutOfReach: append([]string{}, found.OutOfReach...),
	})
	return nil
}

// looksUp reports whether to look up the book that a request creates: it has an ISBN and no title. An empty title, which a
// form sends for an empty input, counts as none and is removed. Nothing is looked up in a batch, because other writes may
// wait for the batch.
func (h *Handlers) looksUp(c *gin.Context, request *bookRequest) bool {
	if request.Title != nil && *request.Title == "" {
		request.Title = nil
	}
	return h.ISBN.On() && !web.InBatch(c) && request.Title == nil && request.ISBN != nil && *request.ISBN != ""
}

var (
	errTitleNeeded        = errors.New("is required, because ISBN look-up is off on this server")
	errTitleNeededInBatch = errors.New("is required, because a batch does not look up ISBNs")
)

// titleMissing returns the error for a book without a title whose ISBN is not looked up.
func titleMissing(c *gin.Context, request bookRequest) error {
	switch {
	case request.ISBN == nil || *request.ISBN == "":
		return models.ErrRequired
	case web.InBatch(c):
		return errTitleNeededInBatch
	}
	return errTitleNeeded
}

// createByISBN adds a book to the caller's library. Fields that the request lacks, and the cover, come from the metadata
// sources.
func (h *Handlers) createByISBN(c *gin.Context, in *web.Body, request bookRequest) error {
	fields := h.readBook(in, request)
	if err := in.Invalid(); err != nil {
		return err
	}
	found, err := h.ISBN.Find(c.Request.Context(), *fields.ISBN)
	if err != nil {
		return err
	}
	fields.Fill(found.Fields)
	create := h.Books.Create
	if in.Cover == nil {
		create, in.Cover = h.Books.CreateFound, h.ISBN.Cover(c.Request.Context(), found) // in.Close removes the file
	}
	b, err := create(middleware.ClientContext(c), web.CreatedID(c), middleware.UserOf(c).ID, fields, in.Cover)
	if err != nil {
		return titleTaken(err)
	}
	return h.respondCreated(c, b)
}
