package catalogue

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var errNotInTrash = &models.Error{Code: models.NotFound, Message: "Book not found", Detail: "It is not in the trash"}

// trashedView is a book in the trash as its owner sees it.
type trashedView struct {
	bookView
	TrashedAt *string `json:"trashed_at"`
	ExpiresAt *string `json:"expires_at"` // when it will be deleted; null if it stays in the trash
}

func (h *Handlers) viewTrashed(viewer bookViewer, b models.Book) trashedView {
	view := trashedView{bookView: *viewer.view(b), TrashedAt: web.Timestamp(b.TrashedAt)}
	if h.TrashTTL > 0 {
		view.ExpiresAt = web.Timestamp(b.TrashedAt.Add(h.TrashTTL))
	}
	return view
}

// moveToTrash moves a book that the caller may edit to its owner's trash.
func (h *Handlers) moveToTrash(c *gin.Context) error {
	b, ifVersion, err := h.bookToChange(c)
	if err != nil {
		return err
	}
	if err := h.Books.MoveToTrash(c.Request.Context(), middleware.ActorOf(c), b, ifVersion); err != nil {
		return h.editFailed(c, b.ID, err)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// ListTrash lists the books in the caller's trash.
func (h *Handlers) ListTrash(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	f := models.TrashFilter{UserID: middleware.UserOf(c).ID}
	viewer := h.bookViewer(c)
	return web.List[models.Book]{
		Message: "successfully retrieved the trash",
		Fetch: func(after *models.Cursor, limit int) ([]models.Book, error) {
			f.After, f.Limit = after, limit
			books, err := h.Books.Trash.List(c.Request.Context(), f)
			if err != nil {
				return nil, err
			}
			return books, h.attach(c, pointers(books))
		},
		Cursor: models.TrashCursor,
		View:   func(b models.Book) any { return h.viewTrashed(viewer, b) },
	}.Respond(c, h.Links, page)
}

// RestoreBook moves a book out of the trash.
func (h *Handlers) RestoreBook(c *gin.Context) error {
	id, err := pathID(c, "id", errNotInTrash)
	if err != nil {
		return err
	}
	b, err := h.Books.Restore(c.Request.Context(), middleware.ActorOf(c), id)
	if err != nil {
		return replaceNotFound(err, errNotInTrash)
	}
	return h.respond(c, http.StatusOK, "successfully restored a book", b)
}

// DeleteTrashed deletes a book in the caller's trash.
func (h *Handlers) DeleteTrashed(c *gin.Context) error {
	id, err := pathID(c, "id", errNotInTrash)
	if err != nil {
		return err
	}
	if err := h.Books.DeleteTrashed(c.Request.Context(), id, middleware.UserOf(c).ID); err != nil {
		return replaceNotFound(err, errNotInTrash)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// EmptyTrash deletes all books in the caller's trash.
func (h *Handlers) EmptyTrash(c *gin.Context) error {
	if err := h.Books.EmptyTrash(c.Request.Context(), models.TrashFilter{UserID: middleware.UserOf(c).ID}); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
