package handlers

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/covers"
	"bookplate/middleware"
	"bookplate/models"
)

var (
	errNoBookDetails = &models.Error{
		Code: models.Invalid, Message: "Invalid data, you need to give the book title, cover image, author id,",
	}
	errCoverRequired = &models.Error{Code: models.Invalid, Message: "cover image is required"}
	errBookExists    = &models.Error{
		Code: models.Invalid, Message: "The book has been created by user", Detail: "Conflict",
	}
	errBookNotFound    = &models.Error{Code: models.NotFound, Message: "Book not found"}
	errNotUsersBook    = &models.Error{Code: models.NotFound, Message: "Book not found for user", Detail: "Not found"}
	errNothingToUpdate = &models.Error{
		Code: models.Invalid, Message: "failed to update a book",
		Detail: "give a title, description, category or cover_image",
	}
)

type books struct {
	store       models.Books
	audit       *audit
	covers      *covers.Covers
	coverBudget time.Duration
	categories  models.Categories
	maxUpload   int64
	links       links
	log         *slog.Logger
	now         func() time.Time
}

// bookView is a book as clients see it.
type bookView struct {
	ID          models.ID `json:"_id"`
	Title       string    `json:"title"`
	Description string    `json:"description"`
	ImageURL    string    `json:"image_url"`
	Covers      srcset    `json:"covers"`
	Category    string    `json:"category"`
	UserID      models.ID `json:"user_id"`
	CreatedAt   *string   `json:"created_at"`
	UpdatedAt   *string   `json:"updated_at"`
}

// srcset is a cover's pictures by their sizes: what the srcset attribute of HTML's img asks for.
type srcset map[string]string

// viewBook makes a book's view; base is the server's URL.
func viewBook(b models.Book, base string) bookView {
	image, covers := pictureURLs(b, base)
	return bookView{
		b.ID, b.Title, b.Description, image, covers, b.Category, b.UserID, timestamp(b.CreatedAt), timestamp(b.UpdatedAt),
	}
}

// pictureURLs are the addresses of a book's thumbnail and of all sizes of its cover. A book without a cover shows the
// placeholder.
func pictureURLs(b models.Book, base string) (thumbnail string, covers srcset) {
	covers = make(srcset, len(b.Cover.Sizes))
	for _, size := range b.Cover.Sizes {
		covers[strconv.Itoa(size)] = base + picturePath + b.Cover.Key(size)
	}
	if key := b.Cover.Thumbnail(); key != "" {
		return base + picturePath + key, covers
	}
	return cmp.Or(b.ImageURL, base+picturePath+placeholder), covers
}

func (h *books) respond(c *gin.Context, status int, message string, b models.Book) error {
	respond(c, status, message, viewBook(b, h.links.base(c)))
	return nil
}

func (h *books) create(c *gin.Context) error {
	in, err := readBody(c, h.maxUpload)
	if err != nil {
		return err
	}
	defer in.close()
	switch {
	case len(in.values) == 0 && in.wrong == nil:
		return errNoBookDetails
	case in.cover == nil:
		return errCoverRequired
	}
	up := h.readBook(in)
	if up.Title == nil {
		in.check("title", models.CheckTitle(""))
	}
	if up.Category == nil {
		in.check("category", "is required")
	}
	if err := models.InvalidFields(in.wrong); err != nil {
		return err
	}
	if up.Cover, err = h.addCover(c.Request.Context(), in); err != nil {
		return err
	}
	b := up.Apply(models.Book{ID: models.NewID(h.now()), UserID: middleware.UserOf(c).ID, CreatedAt: up.UpdatedAt})
	if err := h.store.Create(goingOn(c), b); err != nil {
		h.dropCover(c, b.Cover, err)
		if errors.Is(err, models.ErrNoAccount) { // it was erased in between
			return middleware.TokenInvalid(c, err)
		}
		return titleTaken(err)
	}
	return h.respond(c, http.StatusCreated, "successfully created a new book", b)
}

func (h *books) update(c *gin.Context) error {
	b, err := h.mendable(c)
	if err != nil {
		return err
	}
	in, err := readBody(c, h.maxUpload)
	if err != nil {
		return err
	}
	defer in.close()
	up := h.readBook(in)
	if err := models.InvalidFields(in.wrong); err != nil {
		return err
	}
	if up.Empty() && in.cover == nil {
		return errNothingToUpdate
	}
	if up.Cover, err = h.addCover(c.Request.Context(), in); err != nil {
		return err
	}
	after, err := h.change(c, b, up)
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusCreated, "successfully updated a book", after)
}

// noteMending writes into the audit log that somebody else's book is about to be changed.
func (h *books) noteMending(c *gin.Context, b models.Book, up models.BookUpdate) error {
	if b.UserID == middleware.UserOf(c).ID {
		return nil
	}
	return h.audit.note(c, models.ActionChangeBook, b.ID, up.Fields())
}

// mendable is the book that the path names, if the caller may change it: it is his, or he is a librarian. It is asked
// before the body is read, so that a cover for a book that is not there costs nothing.
func (h *books) mendable(c *gin.Context) (models.Book, error) {
	b, err := h.find(c)
	if err != nil {
		return models.Book{}, notUsersBook(err)
	}
	if user := middleware.UserOf(c); b.UserID != user.ID && !user.Role.MendsBooks() {
		return models.Book{}, errNotUsersBook
	}
	return b, nil
}

// find is the book that the path names. NotFound, also for what is no id.
func (h *books) find(c *gin.Context) (models.Book, error) {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return models.Book{}, errBookNotFound.Because(err)
	}
	return h.store.Get(c.Request.Context(), id)
}

// readBook reads the fields of a book that the client sent, and notes what is wrong with them.
func (h *books) readBook(in *body) models.BookUpdate {
	up := models.BookUpdate{Title: in.text("title"), Description: in.text("description"), UpdatedAt: h.now()}
	if up.Title != nil {
		in.check("title", models.CheckTitle(*up.Title))
	}
	if up.Description != nil {
		in.check("description", models.CheckDescription(*up.Description))
	}
	if category := in.text("category"); category != nil {
		resolved, wrong := h.categories.Resolve(*category)
		in.check("category", wrong)
		up.Category = &resolved
	}
	if named := in.text(coverField); in.cover == nil && orEmpty(named) != "" {
		in.check(coverField, "must be a file in form-data")
	}
	return up
}

// addCover keeps the picture that came with the body, if one did.
func (h *books) addCover(ctx context.Context, in *body) (*models.Cover, error) {
	if in.cover == nil {
		return nil, nil //nolint:nilnil // no picture, no cover, no error
	}
	ctx, cancel := context.WithTimeout(ctx, h.coverBudget)
	defer cancel()
	cover, err := h.covers.Add(ctx, in.cover)
	if err != nil {
		return nil, err
	}
	return &cover, nil
}

// dropCover removes the cover of a book that was not stored, if that is certain. After any other error the database may
// have the row all the same, the answer being what was lost; then the cover is left to the sweep, which asks again.
func (h *books) dropCover(c *gin.Context, cover models.Cover, err error) {
	switch models.CodeOf(err) {
	case models.Conflict, models.NotFound, models.Invalid:
		h.removeCover(goingOn(c), cover)
	}
}

// goingOn is the request's context, but for its end: a row is written or not, whether or not the client waits for it.
// The stores have a budget of their own.
func goingOn(c *gin.Context) context.Context { return context.WithoutCancel(c.Request.Context()) }

// removeCover removes a cover that no book names any more. Failing at that is the log's business, since the client's
// request is done, and the sweep's.
func (h *books) removeCover(ctx context.Context, cover models.Cover) {
	if err := h.covers.Remove(ctx, cover); err != nil {
		h.log.Warn("a cover that no book names could not be removed", "cover", cover.Name, "error", err)
	}
}

func (h *books) get(c *gin.Context) error {
	b, err := h.find(c)
	if models.CodeOf(err) == models.NotFound {
		return errBookNotFound.Because(err)
	}
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, "successfully retrieved a book", b)
}

func (h *books) delete(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return errNotUsersBook.Because(err)
	}
	b, err := h.store.Delete(goingOn(c), id, middleware.UserOf(c).ID)
	if err != nil {
		return notUsersBook(err)
	}
	h.removeCover(goingOn(c), b.Cover)
	c.Status(http.StatusNoContent)
	return nil
}

func (h *books) list(c *gin.Context) error {
	p, err := readPage(c)
	if err != nil {
		return err
	}
	f, err := h.readFilter(c)
	if err != nil {
		return err
	}
	if counting, _ := strconv.ParseBool(c.Query("count")); counting {
		total, err := h.store.Count(c.Request.Context(), f)
		if err != nil {
			return err
		}
		c.Header("X-Total-Count", strconv.FormatInt(total, 10))
	}
	base := h.links.base(c)
	return list[models.Book]{
		message: "successfully retrieved all books",
		fetch: func(after *models.Cursor, limit int) ([]models.Book, error) {
			f.After, f.Limit = after, limit
			return h.store.List(c.Request.Context(), f)
		},
		place: func(b models.Book) models.Cursor { return models.Cursor{ID: b.ID, Title: b.Title} },
		view:  func(b models.Book) any { return viewBook(b, base) },
	}.respond(c, h.links, p)
}

func (h *books) readFilter(c *gin.Context) (models.BookFilter, error) {
	f := models.BookFilter{Sort: models.BookSort(c.DefaultQuery("sort", string(models.SortCreated)))}
	wrong := models.Fields{}
	if !slices.Contains(models.BookSorts, f.Sort) {
		wrong["sort"] = "must be created, -created, title or -title"
	}
	switch c.DefaultQuery("scope", "mine") {
	case "mine":
		f.UserID = middleware.UserOf(c).ID
	case "all":
	default:
		wrong["scope"] = "must be mine or all"
	}
	if category, found := c.GetQuery("category"); found {
		resolved, reason := h.categories.Resolve(category)
		if f.Category = resolved; reason != "" {
			wrong["category"] = reason
		}
	}
	return f, models.InvalidFields(wrong)
}

// titleTaken is err, or what the contract says where it is a Conflict.
func titleTaken(err error) error {
	if models.CodeOf(err) == models.Conflict {
		return errBookExists.Because(err)
	}
	return err
}

// notUsersBook is err, or what the contract says where it is NotFound.
func notUsersBook(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errNotUsersBook.Because(err)
	}
	return err
}
