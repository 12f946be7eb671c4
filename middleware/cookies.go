package middleware

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// The names of the cookies. A browser accepts a cookie with the prefix __Host- only over TLS and only from this host
// itself, so that no other subdomain can set it (RFC 6265bis, section 4.1.3.2).
const (
	accessCookie  = "bookplate"
	refreshCookie = "bookplate-refresh"
	securePrefix  = "__Host-"
)

// Cookies stores tokens in browsers, where no script can read them. Browsers also send the cookie with requests
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
	token := k.value(c, accessCookie)
	if token == "" {
		return "", nil
	}
	return token, k.Check(c)
}

// RefreshToken returns the refresh token in the browser's cookie, or an empty string if there is none. The caller must call
// Check.
func (k *Cookies) RefreshToken(c *gin.Context) string { return k.value(c, refreshCookie) }

func (k *Cookies) value(c *gin.Context, name string) string {
	cookie, err := c.Request.Cookie(k.prefix(c) + name)
	if errors.Is(err, http.ErrNoCookie) {
		return ""
	}
	return cookie.Value
}

// SetAccess stores an access token in the browser's cookie, until the token expires.
func (k *Cookies) SetAccess(c *gin.Context, token string, expiresIn time.Duration) {
	k.set(c, accessCookie, token, int(expiresIn.Seconds()))
}

// SetRefresh stores a refresh token in a cookie of its own, until the session expires.
func (k *Cookies) SetRefresh(c *gin.Context, token string, expiresIn time.Duration) {
	k.set(c, refreshCookie, token, int(expiresIn.Seconds()))
}

// Clear deletes the browser's cookies that the request has.
func (k *Cookies) Clear(c *gin.Context) {
	for _, name := range []string{accessCookie, refreshCookie} {
		if _, err := c.Request.Cookie(k.prefix(c) + name); err == nil {
			k.set(c, name, "", -1)
		}
	}
}

func (k *Cookies) set(c *gin.Context, name, value string, maxAge int) {
	prefix := k.prefix(c)
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure wherever there is TLS
		Name: prefix + name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: prefix == securePrefix, SameSite: http.SameSiteLaxMode,
	})
}

// prefix returns the prefix of the cookies' names for this request. It is __Host- if the client uses TLS, and empty
// otherwise, because a browser rejects __Host- cookies without TLS. X-Forwarded-Proto is used even if the proxy is not
// trusted, because it only makes the cookies stricter.
func (k *Cookies) prefix(c *gin.Context) string {
	u, err := url.Parse(k.base(c))
	if err == nil && u.Scheme == "http" && !strings.EqualFold(Forwarded(c, "X-Forwarded-Proto"), "https") {
		return ""
	}
	return securePrefix
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
