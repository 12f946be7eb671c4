package web

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

	// Batch is the number of rows in memory at a time while a whole list is sent.
	Batch = 200
)

// buffers keeps output buffers, so that one list can reuse the buffer of another.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page says which part of a list the client requests.
type Page struct {
	limit int // 0 for the whole list
	after *models.Cursor
}

// After returns the cursor after which the page begins, or nil if it is the first one.
func (p Page) After() *models.Cursor { return p.after }

// ReadPage reads the parameters limit and cursor of the query.
func ReadPage(c *gin.Context) (Page, error) {
	var p Page
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

// cursorJSON is a cursor as JSON, which clients get encoded as base64url.
type cursorJSON struct {
	ID     models.ID `json:"i"`
	Key    string    `json:"k,omitempty"`
	Number int64     `json:"n,omitempty"`
	Part   int       `json:"p,omitempty"`
}

func formatCursor(cursor models.Cursor) string {
	text, err := json.Marshal(cursorJSON(cursor))
	if err != nil {
		panic(err) // strings and a number always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(s string) (models.Cursor, error) {
	text, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return models.Cursor{}, err
	}
	var cursor cursorJSON
	if err := json.Unmarshal(text, &cursor); err != nil {
		return models.Cursor{}, err
	}
	if cursor.ID, err = models.ParseID(string(cursor.ID)); err != nil {
		return models.Cursor{}, err
	}
	return models.Cursor(cursor), nil
}

// List answers a request with a list of rows from a store. It reads and writes a whole list in batches, so that a long
// list takes no more memory than a short one.
type List[T any] struct {
	Message string // ASCII without quotes, because it is not escaped
	Fetch   func(after *models.Cursor, limit int) ([]T, error)
	Cursor  func(T) models.Cursor
	View    func(T) any
}

// Respond writes the requested page, or the whole list. If an error happens after the first byte was sent, the
// connection is closed, so that no client mistakes a part of the list for all of it.
func (l List[T]) Respond(c *gin.Context, links Links, p Page) error {
	size := Batch
	if p.limit > 0 {
		size = p.limit + 1 // one more row shows whether there is a next page
	}
	rows, err := l.Fetch(p.after, size)
	if err != nil {
		return err
	}
	if p.limit > 0 && len(rows) > p.limit {
		rows = rows[:p.limit]
		c.Header("Link", nextLink(c, links, l.Cursor(rows[p.limit-1])))
	}
	return l.write(c, rows, size)
}

// write writes the rows. If there are size of them, it fetches and writes further batches, until one is not full.
func (l List[T]) write(c *gin.Context, rows []T, size int) error {
	c.Header("Content-Type", "application/json; charset=utf-8")
	c.Status(http.StatusOK)
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	encoder := json.NewEncoder(out)
	out.WriteString(`{"message":"` + l.Message + `","data":[`)
	for first := true; ; first = false {
		for i, row := range rows {
			if !first || i > 0 {
				out.WriteByte(',')
			}
			if err := encode(out, encoder, l.View(row)); err != nil {
				return err
			}
		}
		if len(rows) < size {
			break
		}
		if _, err := out.WriteTo(c.Writer); err != nil {
			return err
		}
		c.Writer.Flush() // the client has the batch while the next one is read
		last := l.Cursor(rows[len(rows)-1])
		var err error
		if rows, err = l.Fetch(&last, size); err != nil {
			return err
		}
	}
	out.WriteString("]}")
	if !c.Writer.Written() {
		c.Header("Content-Length", strconv.Itoa(out.Len())) // avoids chunked encoding
	}
	_, err := out.WriteTo(c.Writer)
	return err
}

// encode writes a view to out, to which the encoder writes.
func encode(out *bytes.Buffer, encoder *json.Encoder, view any) error {
	if appender, ok := view.(Appender); ok {
		text, err := appender.AppendJSON(out.AvailableBuffer())
		if err != nil {
			return err
		}
		_, err = out.Write(text)
		return err
	}
	if err := encoder.Encode(view); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // Encode ends each value with a newline
	return nil
}

// nextLink returns the Link header (RFC 8288) for the page after a cursor.
func nextLink(c *gin.Context, links Links, cursor models.Cursor) string {
	return fmt.Sprintf(`<%s%s>; rel="next"`, links.Base(c), NextPage(c, cursor))
}

// NextPage returns the path and the query of the page after a cursor.
func NextPage(c *gin.Context, cursor models.Cursor) string {
	query := c.Request.URL.Query()
	query.Set("cursor", formatCursor(cursor))
	return c.Request.URL.EscapedPath() + "?" + query.Encode()
}
