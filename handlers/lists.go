package handlers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

const (
	maxLimit = 1000

	// batch is how many rows of a whole list are in memory at a time.
	batch = 200
)

// buffers are those that batches are written in, for the next list to use.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// page is the part of a list that a client asks for.
type page struct {
	limit int // 0 for the whole list
	after *models.Cursor
}

func readPage(c *gin.Context) (page, error) {
	var p page
	wrong := models.Fields{}
	if s, found := c.GetQuery("limit"); found {
		limit, err := strconv.Atoi(s)
		if err != nil || limit < 1 || limit > maxLimit {
			wrong["limit"] = fmt.Sprintf("must be a number from 1 to %d", maxLimit)
		}
		p.limit = limit
	}
	if s, found := c.GetQuery("cursor"); found {
		after, err := parseCursor(s)
		if err != nil {
			wrong["cursor"] = "must be one from a Link header"
		}
		p.after = &after
	}
	return p, models.InvalidFields(wrong)
}

// cursorJSON is a cursor inside its base64url.
type cursorJSON struct {
	ID    models.ID `json:"i"`
	Title string    `json:"t,omitempty"`
}

func formatCursor(place models.Cursor) string {
	text, err := json.Marshal(cursorJSON(place))
	if err != nil {
		panic(err) // two strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(s string) (models.Cursor, error) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return models.Cursor{}, err
	}
	var place cursorJSON
	if err := json.Unmarshal(text, &place); err != nil {
		return models.Cursor{}, err
	}
	if place.ID, err = models.ParseID(string(place.ID)); err != nil {
		return models.Cursor{}, err
	}
	return models.Cursor(place), nil
}

// list answers with rows of a store. The whole list is read and written in batches, so that its length costs no memory.
type list[T any] struct {
	message string // of plain ASCII
	fetch   func(after *models.Cursor, limit int) ([]T, error)
	place   func(T) models.Cursor
	view    func(T) any
}

func (l list[T]) respond(c *gin.Context, links links, p page) error {
	size := batch
	if p.limit > 0 {
		size = p.limit + 1 // one more tells whether there is a next page
	}
	rows, err := l.fetch(p.after, size)
	if err != nil {
		return err
	}
	if p.limit > 0 && len(rows) > p.limit {
		rows = rows[:p.limit]
		c.Header("Link", nextLink(c, links, l.place(rows[p.limit-1])))
	}
	return l.write(c, rows, size)
}

// write writes rows and, while they fill their batch, what follows them.
func (l list[T]) write(c *gin.Context, rows []T, size int) error {
	c.Header("Content-Type", "application/json; charset=utf-8")
	c.Status(http.StatusOK)
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	encoder := json.NewEncoder(out)
	out.WriteString(`{"message":"` + l.message + `","data":[`)
	for first := true; ; first = false {
		for i, row := range rows {
			if !first || i > 0 {
				out.WriteByte(',')
			}
			if err := encoder.Encode(l.view(row)); err != nil {
				return err
			}
			out.Truncate(out.Len() - 1) // Encode ends each value with a line
		}
		if len(rows) < size {
			break
		}
		if _, err := out.WriteTo(c.Writer); err != nil {
			return err
		}
		last := l.place(rows[len(rows)-1])
		var err error
		if rows, err = l.fetch(&last, size); err != nil {
			return err
		}
	}
	out.WriteString("]}")
	if !c.Writer.Written() {
		c.Header("Content-Length", strconv.Itoa(out.Len())) // spares the chunks
	}
	_, err := out.WriteTo(c.Writer)
	return err
}

// nextLink is the Link header that leads to the rows behind a place (RFC 8288).
func nextLink(c *gin.Context, links links, place models.Cursor) string {
	query := c.Request.URL.Query()
	query.Set("cursor", formatCursor(place))
	return fmt.Sprintf(`<%s%s?%s>; rel="next"`, links.base(c), c.Request.URL.EscapedPath(), query.Encode())
}
