// Package middleware has the handlers that run for every request: request ids and the log, security headers, CORS,
// authentication, and the conversion of errors to answers.
package middleware

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"bookplate/models"
)

// Envelope is the body of every JSON answer.
type Envelope struct {
	Message   string `json:"message"`
	Data      any    `json:"data"`
	Code      string `json:"code,omitempty"`       // only in errors; a word for programs that never changes
	Error     any    `json:"error,omitempty"`      // a string, or models.Fields for invalid input
	Hint      string `json:"hint,omitempty"`       // only in errors; what to do, if Error does not say it
	RequestID string `json:"request_id,omitempty"` // only in internal errors, so that a user can report it

	Ignored []string `json:"ignored,omitempty"` // the names in the request's body that the route does not know
	Similar any      `json:"similar,omitempty"` // only for a new book; the similar books, if there are any
}

// answer is the HTTP answer to an error. If the error has its own name, message or detail, that is sent instead.
type answer struct {
	status              int
	name, message, text string
}

// answers maps an error's code to its HTTP answer.
var answers = map[models.Code]answer{
	models.Internal:            {http.StatusInternalServerError, "internal_error", "Something went wrong", "Internal Server Error"},
	models.Invalid:             {http.StatusBadRequest, "invalid_request", "Invalid data", "Bad Request"},
	models.TokenMissing:        {http.StatusUnauthorized, "token_missing", "Authentication Token is missing!", "Unauthorized"},
	models.TokenInvalid:        {http.StatusUnauthorized, "token_invalid", "Invalid Authentication token!", "Unauthorized"},
	models.TokenExpired:        {http.StatusUnauthorized, "token_expired", "Invalid Authentication token!", "Unauthorized"},
	models.WrongCredentials:    {http.StatusUnauthorized, "wrong_credentials", "Invalid credentials", "Unauthorized"},
	models.Forbidden:           {http.StatusForbidden, "forbidden", "Forbidden", "Forbidden"},
	models.NotFound:            {http.StatusNotFound, "not_found", "Not Found", "Not Found"},
	models.MethodNotAllowed:    {http.StatusMethodNotAllowed, "method_not_allowed", "Method Not Allowed", "Method Not Allowed"},
	models.Conflict:            {http.StatusConflict, "conflict", "Conflict", "Conflict"},
	models.KeyReused:           {http.StatusUnprocessableEntity, "idempotency_key_reused", "Unprocessable Content", "this Idempotency-Key was used for another request"},
	models.PreconditionFailed:  {http.StatusPreconditionFailed, "precondition_failed", "Precondition Failed", "Precondition Failed"},
	models.TooLarge:            {http.StatusRequestEntityTooLarge, "too_large", "Request Entity Too Large", "Request Entity Too Large"},
	models.UnsupportedMedia:    {http.StatusUnsupportedMediaType, "unsupported_media_type", "Unsupported Media Type", "Unsupported Media Type"},
	models.TooManyRequests:     {http.StatusTooManyRequests, "too_many_requests", "Too Many Requests", "Too Many Requests"},
	models.AtomicUnsupported:   {http.StatusNotImplemented, "atomic_unsupported", "Not Implemented", "this server's database has no transactions, which an atomic batch needs"},
	models.Unavailable:         {http.StatusServiceUnavailable, "unavailable", "Service Unavailable", "Service Unavailable"},
	models.InsufficientStorage: {http.StatusInsufficientStorage, "insufficient_storage", "Insufficient Storage", "The server's disk is full"},
}

// challenges maps the codes of missing and rejected tokens to the value of the WWW-Authenticate header (RFC 6750,
// section 3).
var challenges = map[models.Code]string{
	models.TokenMissing: `Bearer`,
	models.TokenInvalid: `Bearer error="invalid_token", error_description="The token is malformed, forged or revoked"`,
	models.TokenExpired: `Bearer error="invalid_token", error_description="The token has expired"`,
}

// unavailableRetry is the Retry-After of the answer to an Unavailable error that does not have its own.
const unavailableRetry = 2 * time.Second

// Handler is an HTTP handler that returns its error and does not write it, so that it cannot answer twice by mistake.
type Handler func(c *gin.Context) error

// Handle returns a gin handler that calls h and answers with the error that h returns.
func Handle(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			Abort(c, err)
		}
	}
}

// Abort ends a request with the answer to an error. If a part of another answer was already sent, it closes the
// connection, so that the client does not take that part for a complete answer.
func Abort(c *gin.Context, err error) {
	status, body := Answer(c, err)
	c.AbortWithStatusJSON(status, body)
}

// Answer returns the status and the body of the answer to an error. It sets the headers of the answer and records the
// error for the log. If a part of another answer was already sent, it panics with http.ErrAbortHandler, which closes
// the connection. The answer is not compressed, because it is short and may repeat what the client sent.
func Answer(c *gin.Context, err error) (status int, body Envelope) {
	_ = c.Error(err) // recorded for RequestLog
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	e := public(err)
	c.Header(gzhttp.HeaderNoCompression, "1") // removed before the header is sent
	setRetryAfter(c, e)
	if challenge := challenges[e.Code]; challenge != "" {
		c.Header("WWW-Authenticate", challenge)
	}
	a := answers[e.Code]
	body = Envelope{Message: cmp.Or(e.Message, a.message), Data: e.Data, Code: cmp.Or(e.Name, a.name), Error: a.text}
	if e.Detail != nil {
		body.Error = e.Detail
	}
	body.Hint, body.Ignored = hint(c, e.Code), IgnoredOf(c)
	if e.Code == models.Internal {
		body.RequestID = RequestIDOf(c)
	}
	return a.status, body
}

const (
	hintKey    = "hint"
	ignoredKey = "ignored"
)

// SetHint sets the hint for the client, which is sent only if the answer is an error.
func SetHint(c *gin.Context, hint string) { c.Set(hintKey, hint) }

// SetIgnored records the names in the request's body that the route ignores, for the answer.
func SetIgnored(c *gin.Context, names []string) { c.Set(ignoredKey, names) }

// IgnoredOf returns the names that SetIgnored recorded.
func IgnoredOf(c *gin.Context) []string { return c.GetStringSlice(ignoredKey) }

// hint returns the hint for the answer to an error with this code.
func hint(c *gin.Context, code models.Code) string {
	if code == models.TokenMissing && c.GetHeader("Authorization") != "" {
		return "send the token as Authorization: Bearer <token>"
	}
	return c.GetString(hintKey)
}

// public returns the part of an error that a client may see. For an internal error, that is only the code.
func public(err error) *models.Error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code == models.Internal {
		return &models.Error{Code: models.Internal}
	}
	return e
}

func setRetryAfter(c *gin.Context, e *models.Error) {
	after := e.RetryAfter
	if e.Code == models.Unavailable && after == 0 {
		after = unavailableRetry
	}
	if after > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
}
