package catalogue

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/handlers/web"
	"bookplate/models"
)

var errBookChanged = &models.Error{
	Code:   models.PreconditionFailed,
	Detail: "the book has been changed since you read it: data is how it is now; merge your change and send its ETag as If-Match",
}

// eTag returns the entity tag of a book as the caller sees it: its id, its version and a checksum of the JSON.
// If-None-Match compares the whole tag. If-Match compares only the id and the version. So an edit does not fail because
// something shown with the book has changed, such as the caller's reading record.
func eTag(b models.Book, shown []byte) string {
	return fmt.Sprintf(`"%s-%d-%08x"`, b.ID, b.Version, crc32.ChecksumIEEE(shown))
}

// ifMatch returns the versions of a book that the request's If-Match names. Nil means that any version matches.
func ifMatch(c *gin.Context, id models.ID) (models.Versions, error) {
	tags, err := web.IfMatch(c)
	if tags == nil || err != nil {
		return nil, err
	}
	versions := models.Versions{}
	for _, tag := range tags {
		parts := strings.Split(strings.Trim(tag, `"`), "-")
		if len(parts) != 3 || parts[0] != string(id) {
			continue // the tag of something else
		}
		if version, err := strconv.Atoi(parts[1]); err == nil {
			versions = append(versions, version)
		}
	}
	return versions, nil
}

// show returns the JSON of a book as the caller sees it, and sets the ETag of the answer.
func (h *Handlers) show(c *gin.Context, b models.Book) (shown json.RawMessage, tag string, err error) {
	if err := h.attach(c, []*models.Book{&b}); err != nil {
		return nil, "", err
	}
	if shown, err = (shownBook{h.bookViewer(c), &b}).MarshalJSON(); err != nil {
		return nil, "", err
	}
	tag = eTag(b, shown)
	c.Header("ETag", tag)
	return shown, tag, nil
}

// respond answers with a book as the caller sees it. A GET or HEAD is answered with 304 if its If-None-Match has the book's
// ETag.
func (h *Handlers) respond(c *gin.Context, status int, message string, b models.Book) error {
	shown, tag, err := h.show(c, b)
	if err != nil {
		return err
	}
	reads := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if reads && !web.NoneMatch(c, tag) {
		c.Status(http.StatusNotModified)
		return nil
	}
	return web.RespondEncoded(c, status, message, shown)
}

// editFailed returns the error that answers a failed change of a book. If the request's If-Match names another version than
// the current one, the answer shows the current book.
func (h *Handlers) editFailed(c *gin.Context, id models.ID, err error) error {
	if models.CodeOf(err) != models.PreconditionFailed {
		return replaceNotFound(titleTaken(err), errNotUsersBook)
	}
	current, getErr := h.Books.Store.Get(c.Request.Context(), id)
	if getErr != nil {
		return replaceNotFound(getErr, errNotUsersBook)
	}
	shown, _, showErr := h.show(c, current)
	if showErr != nil {
		return showErr
	}
	changed := errBookChanged.WithCause(err)
	changed.Data = shown
	return changed
}
