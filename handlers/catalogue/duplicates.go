package catalogue

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

var (
	errMergedNotFound = &models.Error{
		Code: models.NotFound, Message: "Book not found for user", Detail: "from has a book that the owner of the kept book does not have",
	}
	errMergedTitle = &models.Error{
		Code: models.Conflict, Name: models.TitleTaken,
		Detail: "another book has the title, the authors and the ISBN that this one would have: merge that book, too",
	}
)

// similarView is a book in a list of similar books, as clients see it.
type similarView struct {
	ID    models.ID `json:"_id"`
	Title string    `json:"title"`
	models.BookDetails
	ImageURL string `json:"image_url"`
}

func (h *Handlers) viewSimilar(c *gin.Context, books []models.Book) []similarView {
	base, views := h.Links.Base(c), make([]similarView, len(books))
	for i, b := range books {
		image := thumbnailURL(b, base)
		views[i] = similarView{ID: b.ID, Title: b.Title, BookDetails: b.BookDetails, ImageURL: image}
	}
	return views
}

// groupView is a group of similar books, as clients see it.
type groupView struct {
	Same  string        `json:"same"`  // what the books have in common: isbn or title_and_author
	Count int           `json:"count"` // how many books there are
	Books []similarView `json:"books"` // the oldest ones
}

// sameNames are the names under which clients see models.SimilarFields.
var sameNames = map[models.BookField]string{models.FieldISBN: "isbn", models.FieldWork: "title_and_author"}

// respondCreated answers with a new book, and with those of the caller's other books that are similar.
func (h *Handlers) respondCreated(c *gin.Context, b models.Book) error {
	const message = "successfully created a new book"
	similar, err := h.Books.Similar(c.Request.Context(), b)
	if err != nil {
		return err
	}
	if len(similar) == 0 {
		return h.respond(c, http.StatusCreated, message, b)
	}
	shown, _, err := h.show(c, b)
	if err != nil {
		return err
	}
	web.RespondSimilar(c, http.StatusCreated, message, shown, h.viewSimilar(c, similar))
	return nil
}

// Duplicates lists the groups of similar books that the caller has.
func (h *Handlers) Duplicates(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	f := models.DuplicateFilter{UserID: middleware.UserOf(c).ID}
	return web.List[models.BookGroup]{
		Message: "successfully retrieved all duplicates",
		Fetch: func(after *models.Cursor, limit int) ([]models.BookGroup, error) {
			f.After, f.Limit = after, limit
			return h.Books.Duplicates(c.Request.Context(), f)
		},
		Cursor: f.Cursor,
		View: func(g models.BookGroup) any {
			return groupView{Same: sameNames[g.Field], Count: g.Count, Books: h.viewSimilar(c, g.Books)}
		},
	}.Respond(c, h.Links, page)
}

// mergeRequest is the body of a request that merges books.
type mergeRequest struct {
	From *[]string `json:"from"`
}

// ids returns the ids in the request without repetitions.
func (r mergeRequest) ids() (list []models.ID, err error) {
	if r.From == nil {
		return nil, nil
	}
	once := map[models.ID]bool{}
	for _, text := range *r.From {
		id, err := models.ParseID(text)
		if err != nil {
			return nil, errors.New("must be ids of books")
		}
		if !once[id] {
			list = append(list, id)
		}
		once[id] = true
	}
	return list, nil
}

// MergeBooks merges the books in the request into the book in the path.
func (h *Handlers) MergeBooks(c *gin.Context) error {
	b, err := h.editableBook(c)
	if err != nil {
		return err
	}
	var request mergeRequest
	in, err := web.Read(c, &request)
	if err != nil {
		return err
	}
	from, err := request.ids()
	in.Check("from", err)
	if err := in.Invalid(); err != nil {
		return err
	}
	kept, err := h.Books.Merge(c.Request.Context(), middleware.ActorOf(c), b, from)
	switch models.CodeOf(err) {
	case models.NotFound:
		return errMergedNotFound.WithCause(err)
	case models.Conflict:
		return errMergedTitle.WithCause(err)
	}
	if err != nil {
		return err
	}
	return h.respond(c, http.StatusOK, "successfully merged the books", kept)
}
