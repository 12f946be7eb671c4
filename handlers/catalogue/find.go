package catalogue

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/middleware"
	"bookplate/models"
)

// BookFilters are the query parameters that select books.
const BookFilters = "scope&q&category&author&tag&series&language&location&isbn&published&has_cover&on_loan&status&rating"

// ListBooks lists the caller's books, or those of all users, that match the filters of the query.
func (h *Handlers) ListBooks(c *gin.Context) error {
	page, err := web.ReadPage(c)
	if err != nil {
		return err
	}
	f, err := h.readFilter(c)
	if err != nil {
		return err
	}
	fields, err := web.ReadFields(c, bookView{})
	if err != nil {
		return err
	}
	user := middleware.UserOf(c)
	if counting, _ := strconv.ParseBool(c.Query("count")); counting {
		total, err := h.Books.Count(c.Request.Context(), user, f)
		if err != nil {
			return err
		}
		c.Header("X-Total-Count", strconv.FormatInt(total, 10))
	}
	viewer := h.bookViewer(c)
	return web.List[models.Book]{
		Message: "successfully retrieved all books",
		Fetch: func(after *models.Cursor, limit int) ([]models.Book, error) {
			f.After, f.Limit = after, limit
			books, err := h.Books.List(c.Request.Context(), user, f)
			if err != nil {
				return nil, err
			}
			return books, h.attach(c, pointers(books))
		},
		Cursor: f.Cursor,
		View:   func(b models.Book) any { return fields.Of(shownBook{viewer, &b}) },
	}.Respond(c, h.Links, page)
}

// Find returns a page of the books that match the filters of the query, with the caller's reading, and the path and the query of
// the next page, which is empty after the last one.
func (h *Handlers) Find(c *gin.Context, limit int) (books []models.Book, next string, err error) {
	page, err := web.ReadPage(c)
	if err != nil {
		return nil, "", err
	}
	f, err := h.readFilter(c)
	if err != nil {
		return nil, "", err
	}
	f.After, f.Limit = page.After(), limit+1 // one more shows whether there is a next page
	if books, err = h.Books.List(c.Request.Context(), middleware.UserOf(c), f); err != nil {
		return nil, "", err
	}
	if len(books) > limit {
		books = books[:limit]
		next = web.NextPage(c, f.Cursor(books[limit-1]))
	}
	return books, next, h.attach(c, pointers(books))
}

// BookFacets shows the facets of the books that match the filters of the query: how many of them have each value of a field.
func (h *Handlers) BookFacets(c *gin.Context) error {
	f, err := h.readFilter(c)
	if err != nil {
		return err
	}
	facets, err := h.Books.Facets(c.Request.Context(), middleware.UserOf(c), f)
	if err != nil {
		return err
	}
	view := map[models.BookField][]models.ValueCount{}
	for _, field := range append(slices.Clone(models.FacetFields), models.FacetStatus) {
		view[field] = append([]models.ValueCount{}, facets[field]...)
	}
	web.Respond(c, http.StatusOK, "successfully counted the books", view)
	return nil
}

// valueFilters are the query parameters that select books by a value of a field. If a parameter is repeated, a book must have
// all of its values.
var valueFilters = []models.BookField{
	models.FieldAuthor, models.FieldTag, models.FieldSeries, models.FieldLanguage, models.FieldLocation, models.FieldISBN,
	models.FieldCover,
}

// maxValues is the largest number of values of one query parameter.
const maxValues = 10

// readFilter reads the filters and the sort from the query.
func (h *Handlers) readFilter(c *gin.Context) (models.BookFilter, error) {
	user := middleware.UserOf(c).ID
	f, wrong := models.BookFilter{UserID: user, Reader: user}, models.Fields{}
	for _, parameter := range []struct {
		name string
		read func(value string) error
	}{
		{"scope", func(value string) error { return readScope(value, &f) }},
		{"category", func(value string) (err error) { f.Category, err = h.Categories.Resolve(value); return err }},
		{"q", func(value string) (err error) { f.Query, err = models.ParseQuery(value); return err }},
		{"published", func(value string) (err error) { f.Published, err = models.ParseDates(value); return err }},
		{"status", func(value string) error { f.Status = models.ReadingStatus(value); return f.Status.Check() }},
		{"rating", func(value string) (err error) { f.Rating, err = models.ParseRatings(value); return err }},
		{"on_loan", func(value string) (err error) { f.OnLoan, err = parseFlag(value); return err }},
	} {
		if value, found := c.GetQuery(parameter.name); found {
			if err := parameter.read(value); err != nil {
				wrong[parameter.name] = err.Error()
			}
		}
	}
	for _, field := range valueFilters {
		values, err := readValues(c.QueryArray(string(field)), field)
		if err != nil {
			wrong[string(field)] = err.Error()
		}
		f.Values = append(f.Values, values...)
	}
	var err error
	_, searching := c.GetQuery("q")
	if f.Sort, err = readSort(c.Query("sort"), searching, f.Query); err != nil {
		wrong["sort"] = err.Error()
	}
	return f, models.InvalidFields(wrong)
}

func readScope(value string, f *models.BookFilter) error {
	switch value {
	case "mine":
	case "all":
		f.UserID = ""
	default:
		return errors.New("must be mine or all")
	}
	return nil
}

func parseFlag(value string) (*bool, error) {
	if value != "true" && value != "false" {
		return nil, errors.New("must be true or false")
	}
	return new(value == "true"), nil
}

// readValues parses the values of a field that the books must have.
func readValues(values []string, field models.BookField) (list []models.FieldValue, err error) {
	if len(values) > maxValues {
		return nil, fmt.Errorf("must be at most %d", maxValues)
	}
	for _, value := range values {
		if value = strings.TrimSpace(value); value == "" {
			return nil, models.ErrRequired
		}
		switch field {
		case models.FieldISBN:
			value, err = models.ParseISBN(value)
		case models.FieldCover:
			_, err = parseFlag(value)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, models.FieldValue{Field: field, Folded: models.Fold(value)})
	}
	return list, nil
}

// readSort returns the order of a list. If the value is empty, a search is sorted by relevance, and any other list from the
// oldest book to the newest.
func readSort(value string, searching bool, q models.Query) (models.BookSort, error) {
	sort := models.BookSort(value)
	ascending, _ := sort.Ascending()
	switch {
	case (sort == models.SortRelevance || value == "") && !q.IsZero():
		return models.SortRelevance, nil
	case sort == models.SortRelevance && searching, value == "": // every book matches as well
		return models.SortCreated, nil
	case sort == models.SortRelevance:
		return "", errors.New("must not be relevance without q")
	case !slices.Contains(models.BookSorts, ascending):
		return "", errSort
	}
	return sort, nil
}

var errSort = func() error {
	var names []string
	for _, sort := range models.BookSorts {
		names = append(names, string(sort), "-"+string(sort))
	}
	return errors.New("must be " + strings.Join(names, ", ") + " or, with q, relevance")
}()
