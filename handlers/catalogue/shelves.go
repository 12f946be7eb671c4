package catalogue

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var errNotOnShelf = &models.Error{Code: models.NotFound, Message: "Book not found", Detail: "It is not on this shelf"}

// shelfView is a shelf as clients see it.
type shelfView struct {
	Name  string `json:"name"`
	Books int64  `json:"books"` // the number of books
}

// ListShelves lists the caller's shelves.
func (h *Handlers) ListShelves(c *gin.Context) error {
	shelves, err := h.Shelves.List(c.Request.Context(), middleware.UserOf(c).ID)
	if err != nil {
		return err
	}
	views := make([]shelfView, len(shelves))
	for i, shelf := range shelves {
		views[i] = shelfView(shelf)
	}
	web.Respond(c, http.StatusOK, "successfully retrieved all shelves", views)
	return nil
}

// shelfOf returns the name of the shelf that the path names.
func shelfOf(c *gin.Context) (string, error) {
	name, err := models.ShelfName(c.Param("name"))
	if err != nil {
		return "", models.InvalidField("name", err)
	}
	return name, nil
}

// ListShelf lists the books on a shelf.
func (h *Handlers) ListShelf(c *gin.Context) error {
	shelf, err := shelfOf(c)
	if err != nil {
		return err
	}
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	viewer := h.bookViewer(c)
	return web.List[models.ShelvedBook]{
		Message: "successfully retrieved the books on the shelf",
		Fetch: func(after *models.Cursor, limit int) ([]models.ShelvedBook, error) {
			f := models.ShelfFilter{ShelfKey: models.ShelfKey{UserID: user.ID, Name: shelf}, Limit: limit}
			if after != nil {
				f.After = models.Place(after.Key)
			}
			books, err := h.Shelves.Page(c.Request.Context(), user, f)
			if err != nil {
				return nil, err
			}
			shown := make([]*models.Book, len(books))
			for i := range books {
				shown[i] = &books[i].Book
			}
			return books, h.attach(c, shown)
		},
		Cursor: func(b models.ShelvedBook) models.Cursor { return models.Cursor{ID: b.ID, Key: string(b.Place)} },
		View:   func(b models.ShelvedBook) any { return shownBook{viewer, &b.Book} },
	}.Respond(c, h.Links, page)
}

// shelvedBook returns the name of the shelf and the id of the book that are in the path.
func shelvedBook(c *gin.Context) (shelf string, id models.ID, err error) {
	if shelf, err = shelfOf(c); err != nil {
		return "", "", err
	}
	id, err = pathID(c, "book_id", errBookNotFound)
	return shelf, id, err
}

// ShelvedBook shows a book on a shelf.
func (h *Handlers) ShelvedBook(c *gin.Context) error {
	shelf, id, err := shelvedBook(c)
	if err != nil {
		return err
	}
	b, err := h.Shelves.Get(c.Request.Context(), middleware.UserOf(c), shelf, id)
	if err != nil {
		return replaceNotFound(err, errNotOnShelf)
	}
	return h.respond(c, http.StatusOK, "successfully retrieved a book", b)
}

// ShelveBook puts a book on a shelf.
func (h *Handlers) ShelveBook(c *gin.Context) error {
	shelf, id, err := shelvedBook(c)
	if err != nil {
		return err
	}
	b, err := h.Shelves.Put(c.Request.Context(), middleware.UserOf(c), shelf, id)
	if err != nil {
		return replaceNotFound(err, errBookNotFound)
	}
	return h.respond(c, http.StatusOK, "the book is on the shelf", b)
}

// MoveShelvedBook moves a book on a shelf.
func (h *Handlers) MoveShelvedBook(c *gin.Context) error {
	shelf, id, err := shelvedBook(c)
	if err != nil {
		return err
	}
	var request struct {
		After *string `json:"after"` // the id of another book; empty for the start of the shelf
	}
	in, err := web.ReadPatch(c, &request)
	if err != nil {
		return err
	}
	if !in.Has("after") {
		in.Check("after", models.ErrRequired)
	}
	var after models.ID
	if request.After != nil && *request.After != "" {
		after, err = models.ParseID(*request.After)
		in.Check("after", err)
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	b, err := h.Shelves.Move(c.Request.Context(), middleware.UserOf(c), shelf, id, after)
	if err != nil {
		return replaceNotFound(err, errNotOnShelf)
	}
	return h.respond(c, http.StatusOK, "the book is on the shelf", b)
}

// UnshelveBook takes a book off a shelf.
func (h *Handlers) UnshelveBook(c *gin.Context) error {
	shelf, id, err := shelvedBook(c)
	if err != nil {
		return err
	}
	if err := h.Shelves.Remove(c.Request.Context(), middleware.UserOf(c), shelf, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
