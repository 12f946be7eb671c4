package middleware

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	requestIDHeader = "X-Request-Id"
	requestIDKey    = "request id"
)

// A proxy's request id is taken over if it is a plain word, so that it can forge neither a log line nor a header.
var requestIDPattern = regexp.MustCompile(`^[0-9A-Za-z._-]{8,64}$`)

// RequestIDOf is the id of the request, as in its answer's X-Request-Id.
func RequestIDOf(c *gin.Context) string { return c.GetString(requestIDKey) }

// RequestLog gives each request its id and writes one line about it when it is done. The line has the route's template
// instead of the path and no query, so that no secret in a URL gets into the log.
func RequestLog(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		start := time.Now()
		id := c.GetHeader(requestIDHeader)
		if !requestIDPattern.MatchString(id) {
			id = rand.Text()
		}
		c.Set(requestIDKey, id)
		c.Header(requestIDHeader, id)
		defer func() {
			cut := recover() // the answer was cut short: still one line, then on to the server
			logRequest(c, log, id, time.Since(start))
			if cut != nil {
				panic(cut)
			}
		}()
		c.Next()
	}
}

func logRequest(c *gin.Context, log *slog.Logger, id string, took time.Duration) {
	status := c.Writer.Status()
	attrs := []slog.Attr{
		slog.String("id", id),
		slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()),
		slog.Int("status", status),
		slog.Int("bytes", max(c.Writer.Size(), 0)),
		slog.Duration("took", took), // "time" is when the line was written
		slog.String("ip", c.ClientIP()),
	}
	if err := c.Errors.Last(); err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// Recover answers a panic like any unforeseen error; its stack goes to the log.
func Recover(log *slog.Logger) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				log.Error("panic", "id", RequestIDOf(c), "panic", p, "stack", string(debug.Stack()))
				Abort(c, fmt.Errorf("panic: %v", p))
			}
		}()
		c.Next()
	}
}
