package catalogue

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var (
	errNoReading = &models.Error{
		Code: models.NotFound, Message: "Reading not found", Detail: "You have no reading of this book",
	}
	errNothingInReading = &models.Error{
		Code: models.Invalid, Message: "Invalid data", Detail: "give a status, rating, progress, reads or review",
	}
)

// readingView is a reading record as clients see it: what one user records about reading a book.
type readingView struct {
	Status    models.ReadingStatus `json:"status"`
	Rating    models.Rating        `json:"rating"`
	Progress  models.Progress      `json:"progress"`
	Reads     models.Reads         `json:"reads"`
	Review    models.Review        `json:"review"`
	CreatedAt *string              `json:"created_at"`
	UpdatedAt *string              `json:"updated_at"`
}

// viewReading returns a reading record as clients see it, or nil if r is nil.
func viewReading(r *models.Reading) *readingView {
	if r == nil {
		return nil
	}
	return &readingView{
		Status: r.Status, Rating: r.Rating, Progress: r.Progress, Reads: r.Reads, Review: r.Review,
		CreatedAt: web.Timestamp(r.CreatedAt), UpdatedAt: web.Timestamp(r.UpdatedAt),
	}
}

// Reading shows the caller's reading record of a book.
func (h *Handlers) Reading(c *gin.Context) error {
	b, err := h.findBook(c)
	if err != nil {
		return err
	}
	r, err := h.Readings.Get(c.Request.Context(), middleware.UserOf(c), b)
	if err != nil {
		return replaceNotFound(err, errNoReading)
	}
	web.Respond(c, http.StatusOK, "successfully retrieved the reading", viewReading(&r))
	return nil
}

// ReplaceReading sets all fields of the caller's reading record of a book. Fields that are not in the request become
// empty.
func (h *Handlers) ReplaceReading(c *gin.Context) error {
	return h.putReading(c, func(up models.ReadingUpdate) (models.ReadingUpdate, error) { return up.Whole(), nil })
}

// ChangeReading changes the caller's reading record of a book. Fields that are not in the request stay as they are.
func (h *Handlers) ChangeReading(c *gin.Context) error {
	return h.putReading(c, func(up models.ReadingUpdate) (models.ReadingUpdate, error) {
		if up == (models.ReadingUpdate{}) {
			return up, errNothingInReading
		}
		return up, nil
	})
}

// putReading decodes the request, changes the result with the function prepare, and then stores it in the caller's
// reading record of the book.
func (h *Handlers) putReading(
	c *gin.Context, prepare func(models.ReadingUpdate) (models.ReadingUpdate, error),
) error {
	b, err := h.findBook(c)
	if err != nil {
		return err
	}
	var up models.ReadingUpdate
	in, err := web.Read(c, &up)
	if err != nil {
		return err
	}
	if up, err = prepare(up); err != nil {
		return err
	}
	up.Check(in.Check)
	if err := in.Invalid(); err != nil {
		return err
	}
	user := middleware.UserOf(c)
	r, err := h.Readings.Put(c.Request.Context(), user, b, up)
	if err != nil {
		return replaceNotFound(err, errBookNotFound)
	}
	user.HasReadings = true
	middleware.SetUser(c, user) // for the next operation of a batch
	web.Respond(c, http.StatusOK, "the reading is saved", viewReading(&r))
	return nil
}

// DeleteReading deletes the caller's reading record of a book.
func (h *Handlers) DeleteReading(c *gin.Context) error {
	b, err := h.findBook(c)
	if err != nil {
		return err
	}
	if err := h.Readings.Delete(c.Request.Context(), middleware.UserOf(c), b); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// ListReadings lists the books of which the caller has a reading record.
func (h *Handlers) ListReadings(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	f, err := readReadingFilter(c)
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	viewer := h.bookViewer(c)
	return web.List[models.Book]{
		Message: "successfully retrieved your reading",
		Fetch: func(after *models.Cursor, limit int) ([]models.Book, error) {
			f.After, f.Limit = after, limit
			books, err := h.Readings.List(c.Request.Context(), user, f)
			if err != nil {
				return nil, err
			}
			return books, h.attachOwnersAndLoans(c, pointers(books))
		},
		Cursor: func(b models.Book) models.Cursor { return f.Sort.Cursor(*b.Reading) },
		View:   func(b models.Book) any { return shownBook{viewer, &b} },
	}.Respond(c, h.Links, page)
}

// readReadingFilter reads the filters and the sort from the query.
func readReadingFilter(c *gin.Context) (models.ReadingFilter, error) {
	f := models.ReadingFilter{Sort: models.ReadingSort(c.DefaultQuery("sort", string(models.SortUpdatedDesc)))}
	wrong := models.Fields{}
	if !slices.Contains(models.ReadingSorts, f.Sort) {
		wrong["sort"] = "must be updated, -updated, finished, -finished, rating or -rating"
	}
	if status, found := c.GetQuery("status"); found {
		f.Status = models.ReadingStatus(status)
		if err := f.Status.Check(); err != nil {
			wrong["status"] = err.Error()
		}
	}
	if year, found := c.GetQuery("year"); found {
		var err error
		if f.Year, err = parseYear(year); err != nil {
			wrong["year"] = err.Error()
		}
	}
	return f, models.InvalidFields(wrong)
}

// parseYear parses a year in a path or a query. The text of its error is shown to clients.
func parseYear(s string) (int, error) {
	year, err := strconv.Atoi(s)
	if err != nil || year < 1 || year > 9999 {
		return 0, errors.New("must be a year from 1 to 9999")
	}
	return year, nil
}
