package middleware

import "github.com/gin-gonic/gin"

// The Content-Security-Policy of API answers and of the embedded pages, which load only their own files.
const (
	cspAPI  = "default-src 'none'; frame-ancestors 'none'"
	cspPage = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// Headers sets the security headers of the OWASP HTTP Headers Cheat Sheet. Handlers override them for answers that may be
// cached or shown as a page.
func Headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", cspAPI)
	h.Set("Cache-Control", "no-store")
}

// Page sets the headers of a page that runs its own scripts. Browsers cache it but revalidate it each time.
func Page(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-cache")
}

// PrivatePage sets the headers of a page that contains a secret. It is not cached.
func PrivatePage(c *gin.Context) {
	c.Header("Content-Security-Policy", cspPage)
	c.Header("Cache-Control", "no-store")
}
