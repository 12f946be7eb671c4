// Package middleware is what every request passes through: its id and log line, the safe headers, CORS, the token, and
// the one place where an error becomes an answer.
package middleware

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// Envelope is the body of every JSON answer.
type Envelope struct {
	Message   string `json:"message"`
	Data      any    `json:"data"`
	Error     any    `json:"error,omitempty"`      // a string, or models.Fields for invalid input
	RequestID string `json:"request_id,omitempty"` // of an unforeseen failure, for whoever reports it
}

// answer is what a client is told of a code where the error itself does not say better.
type answer struct {
	status        int
	message, text string
}

// answers is the one table from an error's code to its HTTP answer.
var answers = map[models.Code]answer{
	models.Internal:            {http.StatusInternalServerError, "Something went wrong", "Internal Server Error"},
	models.Invalid:             {http.StatusBadRequest, "Invalid data", "Bad Request"},
	models.Unauthorized:        {http.StatusUnauthorized, "Invalid Authentication token!", "Unauthorized"},
	models.Forbidden:           {http.StatusForbidden, "Forbidden", "Forbidden"},
	models.NotFound:            {http.StatusNotFound, "Not Found", "Not Found"},
	models.MethodNotAllowed:    {http.StatusMethodNotAllowed, "Method Not Allowed", "Method Not Allowed"},
	models.Conflict:            {http.StatusConflict, "Conflict", "Conflict"},
	models.Unprocessable:       {http.StatusUnprocessableEntity, "Unprocessable Content", "Unprocessable Content"},
	models.TooLarge:            {http.StatusRequestEntityTooLarge, "Request Entity Too Large", "Request Entity Too Large"},
	models.UnsupportedMedia:    {http.StatusUnsupportedMediaType, "Unsupported Media Type", "Unsupported Media Type"},
	models.TooManyRequests:     {http.StatusTooManyRequests, "Too Many Requests", "Too Many Requests"},
	models.Unavailable:         {http.StatusServiceUnavailable, "Service Unavailable", "Service Unavailable"},
	models.InsufficientStorage: {http.StatusInsufficientStorage, "Insufficient Storage", "The server's disk is full"},
}

// unavailableRetry is what Retry-After says when an Unavailable error names no time.
const unavailableRetry = 2 * time.Second

// Handler is a handler that returns its error instead of writing it, so that none can answer twice.
type Handler func(c *gin.Context) error

// Handle makes a gin handler of h: an error it returns is logged and answered.
func Handle(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			Abort(c, err)
		}
	}
}

// Abort ends a request with the answer that an error stands for. Once the first byte of an answer is out, there is no
// taking it back: then the connection is cut, so that no client takes half an answer for a whole one.
func Abort(c *gin.Context, err error) {
	_ = c.Error(err) // for the log line; what it returns is the error again
	if c.Writer.Written() {
		panic(http.ErrAbortHandler)
	}
	status, body := Answer(c, err)
	if e := told(err); e.Body != nil {
		c.AbortWithStatusJSON(status, e.Body)
		return
	}
	c.AbortWithStatusJSON(status, body)
}

// told is what a client may know of an error: of an unforeseen one, nothing.
func told(err error) *models.Error {
	e, ok := errors.AsType[*models.Error](err)
	if !ok || e.Code == models.Internal {
		return &models.Error{Code: models.Internal}
	}
	return e
}

// Answer is the status and the envelope that an error stands for. It sets Retry-After where there is one.
func Answer(c *gin.Context, err error) (status int, body Envelope) {
	e := told(err)
	setRetryAfter(c, e)
	a := answers[e.Code]
	body = Envelope{Message: a.message, Error: a.text}
	if e.Message != "" {
		body.Message = e.Message
	}
	if e.Detail != nil {
		body.Error = e.Detail
	}
	if e.Code == models.Internal {
		body.RequestID = RequestIDOf(c)
	}
	return a.status, body
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
