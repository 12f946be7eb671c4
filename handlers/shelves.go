package handlers

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var errNotOnShelf = &models.Error{Code: models.NotFound, Message: "Book not found", Detail: "It is not on this shelf"}

// shelves are the caller's own: every query has his id in it.
type shelves struct {
	store models.Shelves
	links web.Links
	now   func() time.Time
}

// shelfView is a shelf as clients see it.
type shelfView struct {
	Name  string `json:"name"`
	Books int64  `json:"books"` // how many
}

// list has the built-in shelves first, and then those with books on them.
func (h *shelves) list(c *gin.Context) error {
	all, err := h.store.List(c.Request.Context(), middleware.UserOf(c).ID)
	if err != nil {
		return err
	}
	view := []shelfView{{Name: models.Wishlist}, {Name: models.Cart}}
	for _, shelf := range all {
		i := slices.IndexFunc(view, func(v shelfView) bool { return v.Name == shelf.Name })
		if i < 0 {
			view = append(view, shelfView(shelf))
		} else {
			view[i].Books = shelf.Books
		}
	}
	web.Respond(c, http.StatusOK, "successfully retrieved all shelves", view)
	return nil
}

// shelf is the shelf that the path names.
func (h *shelves) shelf(c *gin.Context) (models.ShelfKey, error) {
	name, wrong := models.ShelfName(c.Param("name"))
	if wrong != nil {
		return models.ShelfKey{}, models.InvalidFields(models.Fields{"name": wrong.Error()})
	}
	return models.ShelfKey{UserID: middleware.UserOf(c).ID, Name: name}, nil
}

func (h *shelves) books(c *gin.Context) error {
	shelf, err := h.shelf(c)
	if err != nil {
		return err
	}
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	base := h.links.Base(c)
	return web.List[models.ShelvedBook]{
		Message: "successfully retrieved the books on the shelf",
		Fetch: func(after *models.Cursor, limit int) ([]models.ShelvedBook, error) {
			f := models.ShelfFilter{ShelfKey: shelf, Limit: limit}
			if after != nil {
				f.After = after.ID
			}
			return h.store.Books(c.Request.Context(), f)
		},
		Cursor: func(b models.ShelvedBook) models.Cursor { return models.Cursor{ID: b.Place} },
		View:   func(b models.ShelvedBook) any { return viewBook(b.Book, base) },
	}.Respond(c, h.links, page)
}

// book is the shelf and the book's id that the path names. NotFound for what is no id.
func (h *shelves) book(c *gin.Context) (models.ShelfKey, models.ID, error) {
	shelf, err := h.shelf(c)
	if err != nil {
		return shelf, "", err
	}
	id, err := models.ParseID(c.Param("book_id"))
	if err != nil {
		return shelf, "", errBookNotFound.WithCause(err)
	}
	return shelf, id, nil
}

func (h *shelves) get(c *gin.Context) error {
	shelf, id, err := h.book(c)
	if err != nil {
		return err
	}
	b, err := h.store.Get(c.Request.Context(), shelf, id)
	if models.CodeOf(err) == models.NotFound {
		return errNotOnShelf.WithCause(err)
	}
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "successfully retrieved a book", viewBook(b, h.links.Base(c)))
	return nil
}

func (h *shelves) put(c *gin.Context) error {
	shelf, id, err := h.book(c)
	if err != nil {
		return err
	}
	b, err := h.store.Put(c.Request.Context(), shelf, id, models.NewPlace(h.now()), models.DefaultShelfLimits)
	if models.CodeOf(err) == models.NotFound {
		return errBookNotFound.WithCause(err)
	}
	if err != nil {
		return err
	}
	web.Respond(c, http.StatusOK, "the book is on the shelf", viewBook(b, h.links.Base(c)))
	return nil
}

func (h *shelves) remove(c *gin.Context) error {
	shelf, id, err := h.book(c)
	if err != nil {
		return err
	}
	if err := h.store.Remove(c.Request.Context(), shelf, id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
