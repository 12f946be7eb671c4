package handlers

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/models"
)

// replaceCover gives a book another cover and changes nothing else of it.
func (h *books) replaceCover(c *gin.Context) error {
	b, err := h.mendable(c)
	if err != nil {
		return err
	}
	in, err := web.ReadWithCover(c, h.maxUpload, &struct{}{})
	if err != nil {
		return err
	}
	defer in.Close()
	if err := in.Invalid(); err != nil {
		return err
	}
	if in.Cover == nil {
		return errCoverRequired
	}
	cover, err := h.addCover(c.Request.Context(), in)
	if err != nil {
		return err
	}
	after, err := h.change(c, b, models.BookUpdate{Cover: cover, UpdatedAt: h.now()})
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, "successfully replaced the cover", after)
}

// deleteCover takes a book's cover away; the book shows the placeholder from then on.
func (h *books) deleteCover(c *gin.Context) error {
	b, err := h.mendable(c)
	if err != nil {
		return err
	}
	if _, err := h.change(c, b, models.BookUpdate{Cover: &models.Cover{}, UpdatedAt: h.now()}); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// change updates a book and removes the cover that the update replaced, or, if there was no update, the one that came
// with it.
func (h *books) change(c *gin.Context, b models.Book, up models.BookUpdate) (after models.Book, err error) {
	var added models.Cover
	if up.Cover != nil {
		added = *up.Cover
	}
	if err := h.noteMending(c, b, up); err != nil {
		h.removeCover(web.Detached(c), added)
		return models.Book{}, err
	}
	before, after, err := h.store.Update(web.Detached(c), b.ID, b.UserID, up)
	if err != nil {
		h.dropCover(c, added, err)
		return models.Book{}, notUsersBook(titleTaken(err))
	}
	if up.Cover != nil {
		h.removeCover(web.Detached(c), before.Cover)
	}
	return after, nil
}

// showCover leads to a picture of a book's cover: the smallest that is no smaller than the size asked for, or the
// largest there is.
func (h *books) showCover(c *gin.Context) error {
	b, err := h.find(c)
	if models.CodeOf(err) == models.NotFound {
		return errBookNotFound.WithCause(err)
	}
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(c.DefaultQuery("size", strconv.Itoa(models.ThumbnailSize)))
	if err != nil || size < 1 {
		return models.InvalidFields(models.Fields{"size": "must be a number of pixels"})
	}
	url, pictures := pictureURLs(b, h.links.Base(c))
	for _, there := range b.Cover.Sizes {
		url = pictures[strconv.Itoa(there)]
		if there >= size {
			break
		}
	}
	c.Redirect(http.StatusFound, url)
	return nil
}
