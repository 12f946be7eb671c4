package middleware

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/rs/cors"
)

// CORS allows pages of the allowed origins to call the API, and answers their preflights. If all origins are allowed,
// requests with credentials are not. Rejected preflights are logged.
func CORS(allowed []string, log *slog.Logger, now func() time.Time) gin.HandlerFunc {
	options := cors.Options{
		AllowOriginFunc:  newOrigins(allowed).allow,
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   []string{"ETag", "Idempotency-Replayed", "Link", "Retry-After", "WWW-Authenticate", "X-Request-Id", "X-Total-Count"},
		MaxAge:           600, // seconds; browsers use at most 7,200, some less
	}
	if slices.Contains(allowed, "*") {
		options.AllowOriginFunc, options.AllowCredentials = nil, false // package cors allows all origins
	}
	handler := cors.New(options)
	rejected := rejectedOrigins{log: log, now: now, logged: map[string]bool{}}
	return func(c *gin.Context) {
		handler.HandlerFunc(c.Writer, c.Request)
		if c.Request.Method != http.MethodOptions || c.GetHeader("Access-Control-Request-Method") == "" {
			return
		}
		c.Abort() // the preflight is answered
		if c.Writer.Header().Get("Access-Control-Allow-Origin") == "" {
			rejected.add(RequestIDOf(c), c.GetHeader("Origin"))
		}
	}
}

// origins has patterns for the allowed origins of pages.
type origins []*regexp.Regexp

// newOrigins compiles patterns such as https://books.example.com. A wildcard in place of the port, as in
// http://localhost:*, stands for any port. Any other wildcard stands for a part of the host name. The pattern * alone
// is ignored.
func newOrigins(patterns []string) (all origins) {
	for _, pattern := range patterns {
		if pattern == "*" {
			continue
		}
		base, anyPort := strings.CutSuffix(pattern, ":*")
		expression := strings.ReplaceAll(regexp.QuoteMeta(base), `\*`, `[0-9a-z.-]+`)
		if anyPort {
			expression += `:[0-9]{1,5}`
		}
		all = append(all, regexp.MustCompile(`(?i)^`+expression+`$`))
	}
	return all
}

func (o origins) allow(origin string) bool {
	return slices.ContainsFunc(o, func(allowed *regexp.Regexp) bool { return allowed.MatchString(origin) })
}

const (
	// rejectedPeriod is the period in which each rejected origin is logged only once.
	rejectedPeriod = time.Minute

	// maxRejected is how many rejected origins are logged in a period, so that a client cannot fill the memory or the
	// log.
	maxRejected = 100
)

// rejectedOrigins logs the origins of rejected preflights, each only once in a period.
type rejectedOrigins struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	since  time.Time // the start of the period
	logged map[string]bool
}

func (r *rejectedOrigins) add(id, origin string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.Sub(r.since) >= rejectedPeriod {
		r.since = now
		clear(r.logged)
	}
	if r.logged[origin] || len(r.logged) == maxRejected {
		return
	}
	r.logged[origin] = true
	r.log.Warn("rejected a page's preflight: its origin is not in CORS_ORIGINS", "origin", origin, "id", id)
}
