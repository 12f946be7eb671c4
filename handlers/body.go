package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

const (
	// maxText is the largest body without a picture, in bytes; the longest that is of use has a tenth of it.
	maxText = 1 << 20

	// formMemory is how much of a form's file stays in memory, in bytes; the rest waits in a temporary file.
	formMemory = 64 << 10

	coverField = "cover_image"

	typeJSON       = "application/json"
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeFormData   = "multipart/form-data"
)

// body is what a client sent: named values, from JSON or a form, and perhaps a picture.
type body struct {
	values map[string]any // empty if there was no object and no form
	cover  *multipart.FileHeader
	wrong  models.Fields // what is wrong with it, by field
}

// readBody reads a request's body as what it is, JSON, urlencoded or form-data, however it is labelled.
func readBody(c *gin.Context, limit int64) (*body, error) {
	if c.Request.ContentLength > limit {
		return nil, tooLarge(limit, nil)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	switch mediaType := mediaTypeOf(c); {
	case mediaType == typeFormData:
		return readForm(c.Request, limit)
	case mediaType == "", mediaType == "text/plain", mediaType == typeURLEncoded, isJSON(mediaType):
		return readText(c.Request, mediaType, limit)
	}
	return nil, &models.Error{
		Code:   models.UnsupportedMedia,
		Detail: fmt.Sprintf("send %s, %s or %s", typeJSON, typeURLEncoded, typeFormData),
	}
}

// mediaTypeOf is the request's media type, or nothing if it has none that can be read.
func mediaTypeOf(c *gin.Context) string {
	mediaType, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		return ""
	}
	return mediaType
}

func isJSON(mediaType string) bool {
	return mediaType == typeJSON || strings.HasSuffix(mediaType, "+json")
}

// readText reads JSON or an urlencoded form. The content decides before the label: curl -d calls JSON urlencoded, and
// fetch calls it plain text.
func readText(r *http.Request, mediaType string, limit int64) (*body, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, readFailed(err, limit)
	}
	b := &body{}
	text = bytes.TrimSpace(text)
	switch {
	case isJSON(mediaType), bytes.HasPrefix(text, []byte("{")), bytes.HasPrefix(text, []byte("[")):
		if err := json.Unmarshal(text, &b.values); err != nil {
			return &body{}, nil //nolint:nilerr // what is no JSON object holds no values
		}
	case bytes.Contains(text, []byte("=")):
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return &body{}, nil //nolint:nilerr // likewise
		}
		b.add(form)
	}
	return b, nil
}

func readForm(r *http.Request, limit int64) (*body, error) {
	if err := r.ParseMultipartForm(formMemory); err != nil {
		return nil, readFailed(err, limit)
	}
	b := &body{}
	b.add(r.MultipartForm.Value)
	for _, file := range r.MultipartForm.File[coverField] {
		if file.Filename == "" && file.Size == 0 {
			continue // a browser's file input in which nothing was chosen
		}
		if b.cover != nil {
			b.refuse(coverField, "must be one file")
		}
		b.cover = file
	}
	return b, nil
}

func (b *body) add(form map[string][]string) {
	b.values = make(map[string]any, len(form))
	for name, values := range form {
		b.values[name] = values[0]
	}
}

// text is a field's value with the space around it left out, or nil if the client did not send it. A value that is no
// text is noted as wrong.
func (b *body) text(name string) *string {
	value, found := b.values[name]
	if !found || value == nil {
		return nil
	}
	s, isText := value.(string)
	if !isText || !utf8.ValidString(s) {
		b.refuse(name, "must be text")
		return nil
	}
	s = strings.TrimSpace(s)
	return &s
}

// secret is like text, but space counts.
func (b *body) secret(name string) string {
	s, _ := b.values[name].(string)
	if b.text(name) == nil || !utf8.ValidString(s) {
		return ""
	}
	return s
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

func tooLarge(limit int64, err error) error {
	return &models.Error{Code: models.TooLarge, Detail: fmt.Sprintf("the limit is %d bytes", limit), Err: err}
}

// readFailed tells a body that is too large from one that is cut short or malformed.
func readFailed(err error, limit int64) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(limit, err)
	}
	if errors.Is(err, multipart.ErrMessageTooLarge) {
		return &models.Error{Code: models.TooLarge, Detail: "the form has too many parts or too long ones", Err: err}
	}
	return &models.Error{Code: models.Invalid, Detail: "the body is malformed or was cut short", Err: err}
}
