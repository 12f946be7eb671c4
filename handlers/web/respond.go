// Package web helps handlers with the envelope, request bodies, forms, lists and links.
package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
	"bookplate/static"
)

// Respond answers with the envelope. The envelope also names the fields of the request's body that were ignored.
func Respond(c *gin.Context, status int, message string, data any) {
	RespondSimilar(c, status, message, data, nil)
}

// RespondSimilar is like Respond for a new book, and also tells the client which books are similar to it.
func RespondSimilar(c *gin.Context, status int, message string, data, similar any) {
	c.JSON(status, middleware.Envelope{Message: message, Data: data, Ignored: middleware.IgnoredOf(c), Similar: similar})
}

// RespondEncoded is like Respond, but data is already JSON. The message must be ASCII without quotes, because it is not
// escaped.
func RespondEncoded(c *gin.Context, status int, message string, data []byte) error {
	const rest = 64 // the names, the braces and the like; append makes room for more
	body := make([]byte, 0, len(message)+len(data)+rest)
	body = append(append(append(body, `{"message":"`...), message...), `","data":`...)
	body = append(body, data...)
	if ignored := middleware.IgnoredOf(c); len(ignored) > 0 {
		names, err := json.Marshal(ignored)
		if err != nil {
			return err
		}
		body = append(append(body, `,"ignored":`...), names...)
	}
	c.Data(status, contentType(".json"), append(body, '}'))
	return nil
}

// Timestamp formats a time as clients see it: RFC 3339 in UTC with milliseconds. It returns nil for the zero time.
func Timestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format(timestamp))
}

const timestamp = "2006-01-02T15:04:05.000Z"

// OrNull returns a pointer to the text, or nil if the text is empty. In JSON, nil is null.
func OrNull[T ~string](text T) *T {
	if text == "" {
		return nil
	}
	return &text
}

// ServeFile answers with an embedded file. The ETag is the file's checksum. It is a weak ETag, because the file has the
// same ETag with and without compression (RFC 9110, section 8.8.3).
func ServeFile(c *gin.Context, name string, content []byte) {
	c.Header("ETag", fmt.Sprintf(`W/"%08x"`, crc32.ChecksumIEEE(content)))
	c.Header("Content-Type", contentType(name))
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(content))
}

// AcceptsGzip reports whether the client accepts answers that are compressed with gzip.
func AcceptsGzip(c *gin.Context) bool {
	return strings.Contains(c.GetHeader("Accept-Encoding"), "gzip")
}

// ServeHTML answers with a page. The caller must first set the page's headers with middleware.Page or
// middleware.PrivatePage.
func ServeHTML(c *gin.Context, status int, page []byte) {
	c.Data(status, contentType(".html"), page)
}

// NotFound is the answer at an address that does not exist. A browser gets a page, and any other client gets JSON.
func NotFound(c *gin.Context) error {
	c.Writer.Header().Add("Vary", "Accept") // Add, not Set, because the CORS middleware sets Vary too
	err := &models.Error{Code: models.NotFound, Message: "Endpoint Not Found"}
	if !PrefersHTML(c) {
		return err
	}
	status, _ := middleware.Answer(c, err)
	middleware.Page(c)
	ServeHTML(c, status, static.NotFound)
	c.Abort()
	return nil
}

// contentType returns the media type of an embedded file, by the extension of its name. It does not use the operating
// system's table of media types, because that differs between machines.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json; charset=utf-8"
	case ".jpg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".yaml":
		return "application/yaml; charset=utf-8" // RFC 9512
	default:
		return "text/plain; charset=utf-8"
	}
}

// PrefersHTML reports whether the request's Accept header gives HTML at least as much weight as plain text and JSON.
func PrefersHTML(c *gin.Context) bool {
	var html, other float64
	for part := range strings.SplitSeq(c.GetHeader("Accept"), ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q, err := strconv.ParseFloat(params["q"], 64)
		if err != nil {
			q = 1
		}
		switch mediaType {
		case "text/html", "application/xhtml+xml":
			html = max(html, q)
		case "text/plain", "application/json":
			other = max(other, q)
		}
	}
	return html > 0 && html >= other
}
