package middleware

import (
	"net/url"

	"github.com/gin-gonic/gin"
)

// The Content-Security-Policies of API answers and of the embedded pages. A page may load only files of this server.
const (
	cspAPI  = "default-src 'none'; frame-ancestors 'none'"
	cspPage = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
		"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// Headers returns a handler that sets the security headers of the OWASP HTTP Headers Cheat Sheet. Later handlers
// override some of them for answers that may be cached or shown as a page. The function base returns the server's URL
// as the client knows it. Strict-Transport-Security is set only if that URL has TLS, and not on localhost, where other
// servers may have no TLS.
func Headers(base func(*gin.Context) string) gin.HandlerFunc {
	return func(c *gin.Context) {
		setHeaders(c)
		if u, err := url.Parse(base(c)); err == nil && u.Scheme == "https" && !isLoopback(u.Hostname()) {
			c.Header("Strict-Transport-Security", "max-age=31536000") // a year
		}
	}
}

func setHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", cspAPI)
	h.Set("Cache-Control", "no-store")
}

// Page sets the headers of a page that runs its own scripts. Browsers may cache the page, but must revalidate it each
// time.
func Page(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-cache")
}

// PrivatePage sets the headers of a page that contains a secret. Such a page is not cached.
func PrivatePage(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-store")
}
