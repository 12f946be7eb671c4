package handlers

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
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

const (
	// maxText is the most that a body may have beside its picture, in bytes: twice the longest description with every
	// character escaped.
	maxText = 256 << 10

	coverField = "cover_image"

	typeJSON       = "application/json"
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeFormData   = "multipart/form-data"
)

// body is what a client sent: named values, from JSON or a form, and perhaps a picture.
type body struct {
	values map[string]json.RawMessage // empty if there was no object and no form
	cover  *os.File                   // nil if there was no picture
	wrong  models.Fields              // what is wrong with it, by field
}

// readBody reads a request's body as what it is, JSON, urlencoded or form-data, however it is labelled. With a picture
// it may have as many bytes as limit says. The caller closes it.
func readBody(c *gin.Context, limit int64) (*body, error) {
	if encoding := c.GetHeader("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, unsupported("send the body without Content-Encoding")
	}
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		mediaType = "" // none, or none that can be read
	}
	switch {
	case mediaType == typeFormData:
		if err := limitBody(c, limit); err != nil {
			return nil, err
		}
		return readForm(c.Request.Body, params["boundary"])
	case mediaType == "", mediaType == "text/plain", mediaType == typeURLEncoded, isJSON(mediaType):
		if err := limitBody(c, min(limit, maxText)); err != nil {
			return nil, err
		}
		return readText(c.Request.Body, mediaType)
	}
	return nil, unsupported(fmt.Sprintf("send %s, %s or %s", typeJSON, typeURLEncoded, typeFormData))
}

// readFields reads a body that has no use for a picture; one that comes along is dropped.
func readFields(c *gin.Context) (*body, error) {
	b, err := readBody(c, maxText)
	if err != nil {
		return nil, err
	}
	b.close()
	return b, nil
}

// limitBody refuses a body that says it is too large, and cuts one that turns out to be.
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

// readText reads JSON or an urlencoded form. The content decides before the label: curl -d calls JSON urlencoded, and
// fetch calls it plain text.
func readText(r io.Reader, mediaType string) (*body, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, readFailed(err)
	}
	b := &body{}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))) // some Windows programs begin JSON with a BOM
	switch {
	case isJSON(mediaType), bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		// The values stay as they came until one is asked for: what nobody asks for costs nothing.
		if !utf8.Valid(text) || json.Unmarshal(text, &b.values) != nil {
			return &body{}, nil //nolint:nilerr // what is no JSON object holds no values
		}
	case bytes.Contains(text, []byte("=")):
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return &body{}, nil //nolint:nilerr // likewise
		}
		for name, values := range form {
			b.set(name, values[0])
		}
	}
	return b, nil
}

// set sets a field of a form. Text that is not UTF-8 is refused, where JSON could not hold it.
func (b *body) set(name, value string) {
	if !utf8.ValidString(value) {
		b.refuse(name, "must be text in UTF-8")
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

// text is a field's value with the space around it left out, or nil if the client did not send it. A value that is no
// text is noted as wrong.
func (b *body) text(name string) *string {
	s := b.secret(name)
	if s == nil {
		return nil
	}
	return new(strings.TrimSpace(*s))
}

// secret is like text, but the space around it counts.
func (b *body) secret(name string) *string {
	value, found := b.values[name]
	if !found || string(value) == "null" {
		return nil
	}
	var s string
	switch err := json.Unmarshal(value, &s); {
	case err != nil:
		b.refuse(name, "must be text")
		return nil
	case strings.ContainsRune(s, 0):
		b.refuse(name, "must have no NUL character")
		return nil
	}
	return &s
}

// flag is a yes or no, or nil if the client did not send it. A form has it as text. Another value is noted as wrong.
func (b *body) flag(name string) *bool {
	value, found := b.values[name]
	if !found || string(value) == "null" {
		return nil
	}
	var yes bool
	if json.Unmarshal(value, &yes) == nil {
		return &yes
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		if yes, err := strconv.ParseBool(strings.TrimSpace(text)); err == nil {
			return &yes
		}
	}
	b.refuse(name, "must be true or false")
	return nil
}

// check applies a rule to a field, unless something else is wrong with it already.
func (b *body) check(name, wrong string) {
	if wrong != "" && b.wrong[name] == "" {
		b.refuse(name, wrong)
	}
}

func (b *body) refuse(name, wrong string) {
	if b.wrong == nil {
		b.wrong = models.Fields{}
	}
	b.wrong[name] = wrong
}

// close removes the picture.
func (b *body) close() {
	if b.cover != nil {
		_ = b.cover.Close() // it was only read by now
		_ = os.Remove(b.cover.Name())
	}
}

func unsupported(detail string) error {
	return &models.Error{Code: models.UnsupportedMedia, Detail: detail}
}

func tooLarge(limit int64, err error) error {
	return &models.Error{Code: models.TooLarge, Detail: "the limit is " + inBytes(limit), Err: err}
}

// inBytes is a size as people read it, and exactly: "20 MiB (20971520 bytes)".
func inBytes(size int64) string {
	exact := fmt.Sprintf("%d bytes", size)
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if bits := 30 - 10*i; size > 0 && size%(1<<bits) == 0 {
			return fmt.Sprintf("%d %s (%s)", size>>bits, unit, exact)
		}
	}
	return exact
}

// readFailed tells a body that is too large, in all or in a part, from one that is malformed or was cut short.
func readFailed(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(e.Limit, err)
	}
	if errors.Is(err, errLongHead) {
		return err
	}
	return &models.Error{Code: models.Invalid, Detail: "the body is malformed or was cut short", Err: err}
}
