package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
	"bookplate/models"
)

const (
	// MaxText is the maximum size of a body without its cover, in bytes. It has room for two descriptions of the
	// maximum length, even if every character is escaped.
	MaxText = 256 << 10

	// CoverField is the name of the form field with the cover.
	CoverField = "cover_image"

	typeJSON       = "application/json"
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeFormData   = "multipart/form-data"

	// textTimeout is how long a body of MaxText bytes without a cover may take to arrive. At 210 kbit/s, it just arrives in
	// time.
	textTimeout = 10 * time.Second
)

// Body is the body of a request: named values from JSON or from a form, and perhaps an uploaded cover.
type Body struct {
	Cover    *os.File // the uploaded file, a cover unless ReadWithFile was called; nil if there is none
	FileName string   // as the client sent it

	values map[string]json.RawMessage // empty if the body is not a JSON object or a form
	lists  map[string][]string        // all values of a form's field, if there are several
	isJSON bool                       // whether the body is a JSON object
	wrong  models.Fields              // the invalid fields, with the reason
	hint   string                     // what is wrong with the body, if it could not be parsed

	ignored map[string]bool // the names of values and files for which the request struct has no field
}

// Read reads a request body, JSON or a form, into the struct that request points to (see Body.fill). It discards an
// uploaded cover; ReadWithCover keeps it. The error is for a body that cannot be read. Invalid fields are not an error
// here: Body.Invalid reports them. Respond names the ignored fields.
func Read(c *gin.Context, request any) (*Body, error) {
	return read(c, textOnly, request)
}

// ReadPatch is like Read, but reads a JSON merge patch (RFC 7396): for a field that is null, it sets the pointer in
// request to an empty value, which clears the field. The error is UnsupportedMedia if the body is not a JSON object.
func ReadPatch(c *gin.Context, request any) (*Body, error) {
	b, err := readBody(c, textOnly)
	if err != nil {
		return nil, err
	}
	if !b.isJSON && !b.Empty() {
		return nil, unsupported("send a JSON object")
	}
	b.fillFor(c, request, true)
	return b, nil
}

// JSON reports whether the body is a JSON object. Only a form can carry a cover.
func (b *Body) JSON() bool { return b.isJSON }

// ReadWithCover is like Read, but keeps the uploaded cover. A form may have up to limit bytes, and may take as long as
// the server's read timeout allows. The caller must close the returned Body.
func ReadWithCover(c *gin.Context, limit int64, request any) (*Body, error) {
	return ReadWithFile(c, limit, CoverField, request)
}

// ReadWithFile is like ReadWithCover, but keeps the file of another field.
func ReadWithFile(c *gin.Context, limit int64, field string, request any) (*Body, error) {
	return read(c, bodyLimits{text: min(limit, MaxText), form: limit, file: field}, request)
}

// fillFor calls fill. It also stores the body's hint and the ignored names, so that the answer can show them.
func (b *Body) fillFor(c *gin.Context, request any, nullClears bool) {
	b.fill(request, nullClears)
	middleware.SetHint(c, b.hint)
	middleware.SetIgnored(c, slices.Sorted(maps.Keys(b.ignored)))
}

// bodyLimits are the limits of a body.
type bodyLimits struct {
	text, form int64  // the sizes of JSON or an urlencoded form, and of form-data, in bytes
	file       string // the field of form-data whose file is kept; empty for none
}

// textOnly are the limits of a body without a file.
var textOnly = bodyLimits{text: MaxText, form: MaxText}

func read(c *gin.Context, limits bodyLimits, request any) (*Body, error) {
	b, err := readBody(c, limits)
	if err != nil {
		return nil, err
	}
	if err := beginAttempt(c, b); err != nil {
		b.Close()
		return nil, err
	}
	b.fillFor(c, request, false)
	return b, nil
}

func readBody(c *gin.Context, limits bodyLimits) (b *Body, err error) {
	if encoding := c.GetHeader("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, unsupported("send the body without Content-Encoding")
	}
	mediaType, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil {
		mediaType = "" // missing or malformed
	}
	switch {
	case mediaType == typeFormData:
		b, err = readLimited(c, limits.form, limits.file != "", func(r io.Reader, t *heldText) (*Body, error) {
			return readForm(r, params["boundary"], limits.file, t)
		})
	case mediaType == "", mediaType == "text/plain", mediaType == typeURLEncoded, isJSON(mediaType):
		b, err = readLimited(c, limits.text, false, func(r io.Reader, t *heldText) (*Body, error) {
			return readText(r, mediaType, t)
		})
	default:
		err = unsupported(fmt.Sprintf("send %s, %s or %s", typeJSON, typeURLEncoded, typeFormData))
	}
	return b, err
}

// readLimited calls parse with the request's body. It rejects a body whose Content-Length exceeds limit, and stops
// reading any other body after limit bytes. It returns Unavailable if reading this body was stopped because the server
// was reading too many bodies at once.
func readLimited(
	c *gin.Context, limit int64, withFile bool, parse func(r io.Reader, t *heldText) (*Body, error),
) (*Body, error) {
	if c.Request.ContentLength > limit {
		return nil, tooLarge(limit, nil)
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	connection := http.NewResponseController(c.Writer)
	setDeadline := func(at time.Time) { _ = connection.SetReadDeadline(at) } // fails only if the connection is closed
	if !withFile {
		setDeadline(time.Now().Add(textTimeout * time.Duration(max(limit/MaxText, 1))))
	}
	t := &heldText{stop: func() { setDeadline(time.Now()) }}
	b, err := parse(c.Request.Body, t)
	if stopped := t.done(); stopped != nil {
		if err == nil {
			b.Close()
		}
		return nil, stopped
	}
	return b, err
}

func isJSON(mediaType string) bool {
	return mediaType == typeJSON || strings.HasSuffix(mediaType, "+json")
}

// readText reads JSON or an urlencoded form. It decides by the content, not by the Content-Type, because curl -d labels
// JSON as urlencoded and fetch labels it as plain text.
func readText(r io.Reader, mediaType string, t *heldText) (*Body, error) {
	text, err := t.read(r)
	if err != nil {
		return nil, readFailed(err)
	}
	b := &Body{}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // some Windows programs begin JSON with a BOM
	switch trimmed := bytes.TrimSpace(text); {
	case len(trimmed) == 0:
	case isJSON(mediaType), trimmed[0] == '{', trimmed[0] == '[':
		if b.values, err = decodeObject(text); err != nil {
			b.hint = err.Error()
		}
		b.isJSON = err == nil
	case bytes.Contains(text, []byte("=")):
		form, err := url.ParseQuery(string(trimmed))
		if err != nil {
			b.hint = "the body is not an urlencoded form: " + err.Error()
			break
		}
		for name, values := range form {
			for _, value := range values {
				b.set(name, value)
			}
		}
	default:
		b.hint = "the body is neither a JSON object nor a form"
	}
	return b, nil
}

// set adds a value to a form's field. If a field has several values, the first one counts, as in Flask, but a list gets
// all of them. Values must be UTF-8, as in JSON.
func (b *Body) set(name, value string) {
	if !utf8.ValidString(value) {
		b.reject(name, "must be text in UTF-8")
		return
	}
	if b.values == nil {
		b.values, b.lists = map[string]json.RawMessage{}, map[string][]string{}
	}
	b.lists[name] = append(b.lists[name], value)
	if len(b.lists[name]) > 1 {
		return
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

// Check records err, if it is not nil, as the reason why a field is invalid. Only the first reason for a field is kept.
func (b *Body) Check(field string, err error) {
	if err != nil && b.wrong[field] == "" {
		b.reject(field, err.Error())
	}
}

// Require records a text field as invalid if its value is empty. The reason is ErrRequired.
func (b *Body) Require(field, value string) {
	if value == "" {
		b.Check(field, models.ErrRequired)
	}
}

// Wrong returns the invalid fields, each with the reason. It is empty if all fields are valid.
func (b *Body) Wrong() models.Fields { return b.wrong }

// Invalid returns an error that names the invalid fields, or nil if all fields are valid.
func (b *Body) Invalid() error { return models.InvalidFields(b.wrong) }

func (b *Body) reject(field, reason string) {
	if b.wrong == nil {
		b.wrong = models.Fields{}
	}
	b.wrong[field] = reason
}

// ignore records the name of a value for which the request struct has no field.
func (b *Body) ignore(name string) {
	if b.ignored == nil {
		b.ignored = map[string]bool{}
	}
	b.ignored[name] = true
}

// Close removes the temporary file of the cover, if there is one.
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

// formatBytes formats a size in the unit that people use, followed by the exact number: "20 MiB (20971520 bytes)".
func formatBytes(size int64) string {
	exact := fmt.Sprintf("%d bytes", size)
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if bits := 30 - 10*i; size > 0 && size%(1<<bits) == 0 {
			return fmt.Sprintf("%d %s (%s)", size>>bits, unit, exact)
		}
	}
	return exact
}

// readFailed returns the error for a body that could not be read: TooLarge if the body or a part of it exceeds its
// limit, and Invalid if it is malformed or cut short.
func readFailed(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(e.Limit, err)
	}
	if errors.Is(err, errPartHeaderTooLarge) {
		return err
	}
	return &models.Error{
		Code: models.Invalid, Name: "body_malformed", Detail: "the body is malformed or was cut short", Err: err,
	}
}
