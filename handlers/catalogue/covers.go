package catalogue

import (
	"errors"
	"net/http"
	"os"
	"strconv"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/library/isbn"
	"bookplate/middleware"
	"bookplate/models"
)

// ReplaceCover replaces a book's cover and changes nothing else.
func (h *Handlers) ReplaceCover(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	in, err := web.ReadWithCover(c, h.MaxUpload, &struct{}{})
	if err != nil {
		return err
	}
	defer in.Close()
	if in.Cover == nil {
		return coverRequired(in)
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	after, err := h.Books.Edit(middleware.ClientContext(c), middleware.ActorOf(c), b, models.BookUpdate{IfVersion: ifVersion}, in.Cover)
	if err != nil {
		return h.editFailed(c, b.ID, err)
	}
	return h.respond(c, http.StatusOK, "successfully replaced the cover", after)
}

var errNoISBN = models.InvalidField("isbn", errors.New("is missing in this book: set it first, with PATCH /books/<id>"))

// FindCover replaces a book's cover by the one that the metadata sources have for its ISBN.
func (h *Handlers) FindCover(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	if !ifVersion.Match(b.Version) { // returns early to avoid asking the sources
		return h.editFailed(c, b.ID, models.ErrVersion)
	}
	if b.ISBN == "" {
		return errNoISBN
	}
	file, err := h.ISBN.FindCover(c.Request.Context(), b.ISBN)
	if err != nil {
		return err
	}
	defer func() {
		_ = file.Close() // it was only read
		_ = os.Remove(file.Name())
	}()
	after, err := h.Books.Edit(middleware.ClientContext(c), middleware.ActorOf(c), b, models.BookUpdate{IfVersion: ifVersion}, file)
	if models.CodeOf(err) == models.Invalid { // the user did not choose the file, so its faults do not concern them
		return isbn.ErrUnknownCover.WithCause(err)
	}
	if err != nil {
		return h.editFailed(c, b.ID, err)
	}
	return h.respond(c, http.StatusOK, "successfully found a cover", after)
}

// DeleteCover removes a book's cover. The book then shows the placeholder.
func (h *Handlers) DeleteCover(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	if err := h.Books.DeleteCover(c.Request.Context(), middleware.ActorOf(c), b, ifVersion); err != nil {
		return h.editFailed(c, b.ID, err)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// Cover redirects to one of the pictures of a book's cover: the smallest that has at least the requested size, or the
// largest if none has.
func (h *Handlers) Cover(c *gin.Context) error {
	b, err := h.findBook(c)
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(c.DefaultQuery("size", strconv.Itoa(models.ThumbnailSize)))
	if err != nil || size < 1 {
		return models.InvalidFields(models.Fields{"size": "must be a number of pixels"})
	}
	url, pictures := pictureURLs(b, h.Links.Base(c))
	for _, available := range b.Cover.Sizes {
		url = pictures[strconv.Itoa(available)]
		if available >= size {
			break
		}
	}
	c.Redirect(http.StatusFound, url)
	return nil
}
