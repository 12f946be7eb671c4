package middleware

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// The names of the cookie. A browser accepts a cookie with the prefix __Host- only over TLS and only from this host
// itself, so that no other subdomain can set it (RFC 6265bis, section 4.1.3.2).
const (
	secureCookie = "__Host-bookplate"
	localCookie  = "bookplate"
)

// Cookies stores access tokens in browsers, where no script can read them. Browsers also send the cookie with requests
// made by pages of other sites. So a request with a cookie may change something only if it comes from a page of this
// server or of an origin in CORS_ORIGINS.
type Cookies struct {
	base    func(*gin.Context) string // the server's URL as the client knows it
	origin  *http.CrossOriginProtection
	allowed origins // the origins in CORS_ORIGINS
}

// NewCookies returns a Cookies for pages of this server and of the allowed origins. It ignores the wildcard that allows
// all origins.
func NewCookies(base func(*gin.Context) string, allowed []string) *Cookies {
	return &Cookies{base, http.NewCrossOriginProtection(), newOrigins(allowed)}
}

// Check returns Forbidden for a request with an unsafe method from a page of another origin, unless the origin is in
// CORS_ORIGINS. It compares the origin with CORS_ORIGINS itself, because CrossOriginProtection does not support
// wildcards such as http://localhost:*.
func (k *Cookies) Check(c *gin.Context) error {
	err := k.origin.Check(c.Request)
	if err == nil || k.allowed.allow(c.GetHeader("Origin")) {
		return nil
	}
	return &models.Error{
		Code: models.Forbidden, Name: "cross_origin", Detail: "A page of another origin may not do this with a cookie", Err: err,
	}
}

// token returns the token in the cookie, or an empty string if there is no cookie. If there is one, the error is that
// of Check.
func (k *Cookies) token(c *gin.Context) (string, error) {
	cookie, err := c.Request.Cookie(k.name(c))
	if errors.Is(err, http.ErrNoCookie) || cookie.Value == "" {
		return "", nil
	}
	return cookie.Value, k.Check(c)
}

// Set stores an access token in the browser's cookie, until the token expires.
func (k *Cookies) Set(c *gin.Context, token string, expiresIn time.Duration) {
	k.set(c, token, int(expiresIn.Seconds()))
}

// Clear deletes the browser's cookie, if the request has one.
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

// name returns the cookie's name for this request. The name has the prefix __Host-, except on localhost without TLS.
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
