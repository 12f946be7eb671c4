package middleware

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/rs/cors"

	"bookplate/models"
)

// The cookie's names. A browser takes one with the prefix only over TLS and for this very host, so that no neighbouring
// host can plant its own (RFC 6265bis, section 4.1.3.2).
const (
	secureCookie = "__Host-bookplate"
	localCookie  = "bookplate"
)

// Cookies carries access tokens for browsers, where no script can read them. What a cookie brings along may not be the
// page's wish, so a request that changes something has to come from a page of this server, or of an origin that CORS
// lets in by name.
type Cookies struct {
	base     func(*gin.Context) string // the server's URL as the client knows it
	foreign  *http.CrossOriginProtection
	friendly func(*http.Request) bool // whether CORS lets its origin in by name
}

// NewCookies returns Cookies for pages of this server and of these origins, the wildcard for all of them left out.
func NewCookies(base func(*gin.Context) string, origins []string) *Cookies {
	k := &Cookies{base, http.NewCrossOriginProtection(), func(*http.Request) bool { return false }}
	named := slices.DeleteFunc(slices.Clone(origins), func(origin string) bool { return origin == "*" })
	if len(named) > 0 { // cors takes an empty list for the wildcard
		k.friendly = cors.New(cors.Options{AllowedOrigins: named}).OriginAllowed
	}
	return k
}

// Check refuses a request that a page of a foreign origin made a browser send: one with an unsafe method, of an origin
// that is neither this server's nor one that CORS lets in. CORS_ORIGINS may have wildcards, such as http://localhost:*,
// which CrossOriginProtection's own list does not know.
func (k *Cookies) Check(c *gin.Context) error {
	err := k.foreign.Check(c.Request)
	if err == nil || k.friendly(c.Request) {
		return nil
	}
	return &models.Error{Code: models.Forbidden, Detail: "A page of another origin may not do this with a cookie", Err: err}
}

// token is the cookie's token, or nothing if there is none. Forbidden if Check refuses the request.
func (k *Cookies) token(c *gin.Context) (string, error) {
	cookie, err := c.Request.Cookie(k.name(c))
	if errors.Is(err, http.ErrNoCookie) || cookie.Value == "" {
		return "", nil
	}
	return cookie.Value, k.Check(c)
}

// Set gives the browser an access token to send along until it expires.
func (k *Cookies) Set(c *gin.Context, token string, expiresIn time.Duration) {
	k.set(c, token, int(expiresIn.Seconds()))
}

// Clear makes the browser forget its token, if it has sent one.
func (k *Cookies) Clear(c *gin.Context) {
	if _, err := c.Request.Cookie(k.name(c)); err == nil {
		k.set(c, "", -1)
	}
}

func (k *Cookies) set(c *gin.Context, value string, maxAge int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure wherever there is TLS
		Name: k.name(c), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: k.name(c) == secureCookie, SameSite: http.SameSiteLaxMode,
	})
}

// name is the cookie's name for this request: the secure one but on a developer's own machine, where there is no TLS.
func (k *Cookies) name(c *gin.Context) string {
	u, err := url.Parse(k.base(c))
	if err == nil && u.Scheme == "http" && isLoopback(u.Hostname()) {
		return localCookie
	}
	return secureCookie
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
