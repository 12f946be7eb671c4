package middleware

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	requestIDHeader = "X-Request-Id"
	requestIDKey    = "request id"
	probeKey        = "probe"
)

// Probe marks a request that asks for the server's state. Its log line has the level Info even if the answer is that
// the server is not ready, because the request itself has not failed.
func Probe(c *gin.Context) { c.Set(probeKey, true) }

// requestIDPattern matches the request ids that are accepted from a proxy. Such an id cannot forge a log line or a
// header.
var requestIDPattern = regexp.MustCompile(`^[0-9A-Za-z._-]{8,64}$`)

// RequestIDOf returns the id of the request, which is also the X-Request-Id header of its answer.
func RequestIDOf(c *gin.Context) string { return c.GetString(requestIDKey) }

// RequestLog gives each request an id, and logs one line when the request is done. The line has the template of the
// route, but no path and no query, so that no secret in a URL is logged.
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
			p := recover() // http.ErrAbortHandler: log the request before the server closes the connection
			logRequest(c, log, id, time.Since(start))
			if p != nil {
				panic(p)
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
		slog.Duration("took", took), // "time" is the time of the line
		slog.String("ip", c.ClientIP()),
	}
	if err := c.Errors.Last(); err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError && !c.GetBool(probeKey) {
		level = slog.LevelError
	}
	log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}
