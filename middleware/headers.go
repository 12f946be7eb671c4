package middleware

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/rs/cors"
)

// The Content-Security-Policy of an API answer, which is no page, and of the embedded pages, which load nothing but
// their own files.
const (
	cspAPI  = "default-src 'none'; frame-ancestors 'none'"
	cspPage = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// Headers sets the headers that keep an answer from being taken for something else (OWASP HTTP Headers Cheat Sheet).
// What may be cached or shown says so itself.
func Headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", cspAPI)
	h.Set("Cache-Control", "no-store")
}

// Page lets an answer be a page that runs its own scripts, and be kept as long as it is asked about each time.
func Page(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-cache")
}

// PrivatePage lets an answer be a page with a secret in it: nobody keeps it.
func PrivatePage(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-store")
}

// CORS lets the pages of these origins call the API and answers their preflights. A wildcard never comes with
// credentials.
func CORS(origins []string) gin.HandlerFunc {
	handler := cors.New(cors.Options{
		AllowedOrigins:   origins,
		AllowCredentials: !slices.Contains(origins, "*"),
		AllowedMethods:   []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders:   []string{"*"},
		ExposedHeaders:   []string{"ETag", "Link", "Retry-After", "WWW-Authenticate", "X-Request-Id", "X-Total-Count"},
		MaxAge:           600, // seconds; browsers cap it at 7,200 and less
	})
	return func(c *gin.Context) {
		handler.HandlerFunc(c.Writer, c.Request)
		if c.Request.Method == http.MethodOptions && c.GetHeader("Access-Control-Request-Method") != "" {
			c.Abort() // a preflight, answered
		}
	}
}
