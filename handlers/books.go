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

	"bookplate/accounts"
	"bookplate/covers"
	"bookplate/handlers/web"
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
	audit       *accounts.Audit
	covers      *covers.Covers
	coverBudget time.Duration
	categories  models.Categories
	maxUpload   int64
	links       web.Links
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
		b.ID, b.Title, b.Description, image, covers, b.Category, b.UserID, web.Timestamp(b.CreatedAt), web.Timestamp(b.UpdatedAt),
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
	web.Respond(c, status, message, viewBook(b, h.links.Base(c)))
	return nil
}

func (h *books) create(c *gin.Context) error {
	var request bookRequest
	in, err := web.ReadWithCover(c, h.maxUpload, &request)
	if err != nil {
		return err
	}
	defer in.Close()
	switch {
	case in.Empty():
		return errNoBookDetails
	case in.Cover == nil:
		return errCoverRequired
	}
	up := h.checkBook(in, request)
	if up.Title == nil {
		in.Require("title", "")
	}
	if up.Category == nil {
		in.Require("category", "")
	}
	if err := in.Invalid(); err != nil {
		return err
	}
	if up.Cover, err = h.addCover(c.Request.Context(), in); err != nil {
		return err
	}
	b := up.Apply(models.Book{ID: models.NewID(h.now()), UserID: middleware.UserOf(c).ID, CreatedAt: up.UpdatedAt})
	if err := h.store.Create(web.Detached(c), b); err != nil {
		h.dropCover(c, b.Cover, err)
		return titleTaken(err)
	}
	return h.respond(c, http.StatusCreated, "successfully created a new book", b)
}

func (h *books) update(c *gin.Context) error {
	b, err := h.mendable(c)
	if err != nil {
		return err
	}
	var request bookRequest
	in, err := web.ReadWithCover(c, h.maxUpload, &request)
	if err != nil {
		return err
	}
	defer in.Close()
	up := h.checkBook(in, request)
	if err := in.Invalid(); err != nil {
		return err
	}
	if up.Empty() && in.Cover == nil {
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
	return h.audit.Note(c.Request.Context(), middleware.ActorOf(c), models.ActionChangeBook, b.ID, up.Fields())
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
		return models.Book{}, errBookNotFound.WithCause(err)
	}
	return h.store.Get(c.Request.Context(), id)
}

type bookRequest struct {
	Title       *string `json:"title"`
	Description *string `json:"description"`
	Category    *string `json:"category"`
	Cover       string  `json:"cover_image"` // invalid: a cover must be a file
}

// checkBook checks the fields of a book that the client sent, and returns them.
func (h *books) checkBook(in *web.Body, request bookRequest) models.BookUpdate {
	up := models.BookUpdate{Title: request.Title, Description: request.Description, UpdatedAt: h.now()}
	if up.Title != nil {
		in.Check("title", models.CheckTitle(*up.Title))
	}
	if up.Description != nil {
		in.Check("description", models.CheckDescription(*up.Description))
	}
	if request.Category != nil {
		resolved, err := h.categories.Resolve(*request.Category)
		in.Check("category", err)
		up.Category = &resolved
	}
	if in.Cover == nil && request.Cover != "" {
		in.Check(web.CoverField, errors.New("must be a file in form-data"))
	}
	return up
}

// addCover keeps the picture that came with the body, if one did.
func (h *books) addCover(ctx context.Context, in *web.Body) (*models.Cover, error) {
	if in.Cover == nil {
		return nil, nil //nolint:nilnil // no picture, no cover, no error
	}
	ctx, cancel := context.WithTimeout(ctx, h.coverBudget)
	defer cancel()
	cover, err := h.covers.Add(ctx, in.Cover)
	if err != nil {
		return nil, err
	}
	return &cover, nil
}

// dropCover removes the cover of a book that was not stored, if that is certain. After any other error the database may
// have the row all the same, the answer being what was lost; then the cover is left to the sweep, which asks again.
func (h *books) dropCover(c *gin.Context, cover models.Cover, err error) {
	switch models.CodeOf(err) {
	case models.Conflict, models.NotFound, models.TokenInvalid, models.Invalid:
		h.removeCover(web.Detached(c), cover)
	}
}

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
		return errBookNotFound.WithCause(err)
	}
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, "successfully retrieved a book", b)
}

func (h *books) delete(c *gin.Context) error {
	id, err := models.ParseID(c.Param("id"))
	if err != nil {
		return errNotUsersBook.WithCause(err)
	}
	b, err := h.store.Delete(web.Detached(c), id, middleware.UserOf(c).ID)
	if err != nil {
		return notUsersBook(err)
	}
	h.removeCover(web.Detached(c), b.Cover)
	c.Status(http.StatusNoContent)
	return nil
}

func (h *books) list(c *gin.Context) error {
	p, err := web.ReadPage(c)
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
	base := h.links.Base(c)
	return web.List[models.Book]{
		Message: "successfully retrieved all books",
		Fetch: func(after *models.Cursor, limit int) ([]models.Book, error) {
			f.After, f.Limit = after, limit
			return h.store.List(c.Request.Context(), f)
		},
		Cursor: func(b models.Book) models.Cursor { return models.Cursor{ID: b.ID, Title: b.Title} },
		View:   func(b models.Book) any { return viewBook(b, base) },
	}.Respond(c, h.links, p)
}

func (h *books) readFilter(c *gin.Context) (_ models.BookFilter, err error) {
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
		if f.Category, err = h.categories.Resolve(category); err != nil {
			wrong["category"] = err.Error()
		}
	}
	return f, models.InvalidFields(wrong)
}

// titleTaken is err, or what the contract says where it is a Conflict.
func titleTaken(err error) error {
	if models.CodeOf(err) == models.Conflict {
		return errBookExists.WithCause(err)
	}
	return err
}

// notUsersBook is err, or what the contract says where it is NotFound.
func notUsersBook(err error) error {
	if models.CodeOf(err) == models.NotFound {
		return errNotUsersBook.WithCause(err)
	}
	return err
}

// eraseBatch is how many books are deleted at a time, so that other writers get their turn in between. If a batch breaks
// off, it leaves at most half of the covers that the sweep always deletes; the other half is for uploads.
const eraseBatch = covers.CrashUploads / 2

// DeleteOwned deletes an owner's books, and each one's cover after its row. If covers cannot be deleted, it stops after
// their batch, and the sweep deletes them.
func (h *books) DeleteOwned(ctx context.Context, owner models.ID) error {
	for {
		gone, err := h.store.DeleteOwned(ctx, owner, eraseBatch)
		if err != nil {
			return err
		}
		for _, book := range gone {
			err = errors.Join(err, h.covers.Remove(ctx, book.Cover))
		}
		if err != nil || len(gone) < eraseBatch {
			return err
		}
	}
}
