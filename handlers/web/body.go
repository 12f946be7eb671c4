package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

const (
	// MaxText is the largest body without its cover, in bytes: twice the longest description with every character
	// escaped.
	MaxText = 256 << 10

	// CoverField is the name of the form field with the cover.
	CoverField = "cover_image"

	typeJSON       = "application/json"
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeFormData   = "multipart/form-data"
)

// Body is the body of a request: named values from JSON or a form, and perhaps a cover.
type Body struct {
	Cover *os.File // the uploaded cover; nil if there is none

	values map[string]json.RawMessage // empty without a JSON object or a form
	wrong  models.Fields              // the invalid fields, with the reason
}

// Read reads the request's body, JSON or a form, into request, a pointer to a struct; see Body.fill. It drops a cover.
// It returns an error for a body that cannot be read. Invalid fields are reported by Body.Invalid.
func Read(c *gin.Context, request any) (*Body, error) {
	b, err := ReadWithCover(c, MaxText, request)
	if err != nil {
		return nil, err
	}
	b.Close()
	return b, nil
}

// ReadWithCover is like Read but keeps the cover. A body with a cover may have limit bytes. The caller closes the body.
func ReadWithCover(c *gin.Context, limit int64, request any) (*Body, error) {
	b, err := readBody(c, limit)
	if err != nil {
		return nil, err
	}
	b.fill(request)
	return b, nil
}

func readBody(c *gin.Context, limit int64) (*Body, error) {
	if encoding := c.GetHeader("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, unsupported("send the body without Content-Encoding")
	}
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		mediaType = "" // missing or malformed
	}
	switch {
	case mediaType == typeFormData:
		if err := limitBody(c, limit); err != nil {
			return nil, err
		}
		return readForm(c.Request.Body, params["boundary"])
	case mediaType == "", mediaType == "text/plain", mediaType == typeURLEncoded, isJSON(mediaType):
		if err := limitBody(c, min(limit, MaxText)); err != nil {
			return nil, err
		}
		return readText(c.Request.Body, mediaType)
	}
	return nil, unsupported(fmt.Sprintf("send %s, %s or %s", typeJSON, typeURLEncoded, typeFormData))
}

// limitBody rejects a body whose Content-Length exceeds limit, and cuts off one without a length at limit.
func limitBody(c *gin.Context, limit int64) error {
	if c.Request.ContentLength > limit {
		return tooLarge(limit, nil)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	return nil
}

func isJSON(mediaType string) bool {
	return mediaType == typeJSON || strings.HasSuffix(mediaType, "+json")
}

// readText reads JSON or an urlencoded form. It looks at the content before the Content-Type, because curl -d sends
// JSON as urlencoded and fetch sends it as plain text.
func readText(r io.Reader, mediaType string) (*Body, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, readFailed(err)
	}
	b := &Body{}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))) // some Windows programs begin JSON with a BOM
	switch {
	case isJSON(mediaType), bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		if !utf8.Valid(text) || json.Unmarshal(text, &b.values) != nil {
			return &Body{}, nil //nolint:nilerr // a body that is not a JSON object has no values
		}
	case bytes.Contains(text, []byte("=")):
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return &Body{}, nil //nolint:nilerr // a malformed form has no values
		}
		for name, values := range form {
			b.set(name, values[0])
		}
	}
	return b, nil
}

// set sets a field from a form. Text must be UTF-8, as in JSON.
func (b *Body) set(name, value string) {
	if !utf8.ValidString(value) {
		b.reject(name, "must be text in UTF-8")
		return
	}
	if b.values == nil {
		b.values = map[string]json.RawMessage{}
	}
	quoted, err := json.Marshal(value)
	if err != nil {
		panic(err) // a string always marshals
	}
	b.values[name] = quoted
}

// Empty reports whether the body has no fields at all.
func (b *Body) Empty() bool { return len(b.values) == 0 && b.wrong == nil }

// Has reports whether the body has a field, even if its value is null.
func (b *Body) Has(field string) bool {
	_, found := b.values[field]
	return found
}

// Check records that a field breaks a rule, if err is not nil. The first error of a field counts.
func (b *Body) Check(field string, err error) {
	if err != nil && b.wrong[field] == "" {
		b.reject(field, err.Error())
	}
}

// Require records that a text field is missing, if it is empty.
func (b *Body) Require(field, value string) {
	if value == "" {
		b.Check(field, models.ErrRequired)
	}
}

// Wrong returns the invalid fields and the reasons. It is empty if there are none.
func (b *Body) Wrong() models.Fields { return b.wrong }

// Invalid returns the error for the invalid fields, or nil if there are none.
func (b *Body) Invalid() error { return models.InvalidFields(b.wrong) }

func (b *Body) reject(field, reason string) {
	if b.wrong == nil {
		b.wrong = models.Fields{}
	}
	b.wrong[field] = reason
}

// Close removes the cover.
func (b *Body) Close() {
	if b.Cover != nil {
		_ = b.Cover.Close() // it was only read
		_ = os.Remove(b.Cover.Name())
	}
}

func unsupported(detail string) error {
	return &models.Error{Code: models.UnsupportedMedia, Detail: detail}
}

func tooLarge(limit int64, err error) error {
	return &models.Error{Code: models.TooLarge, Detail: "the limit is " + formatBytes(limit), Err: err}
}

// formatBytes formats a size for people, with the exact number: "20 MiB (20971520 bytes)".
func formatBytes(size int64) string {
	exact := fmt.Sprintf("%d bytes", size)
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if bits := 30 - 10*i; size > 0 && size%(1<<bits) == 0 {
			return fmt.Sprintf("%d %s (%s)", size>>bits, unit, exact)
		}
	}
	return exact
}

// readFailed returns TooLarge for a body or part over its limit, and Invalid for one that is malformed or cut short.
func readFailed(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(e.Limit, err)
	}
	if errors.Is(err, errPartHeaderTooLarge) {
		return err
	}
	return &models.Error{Code: models.Invalid, Detail: "the body is malformed or was cut short", Err: err}
}
