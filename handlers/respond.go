package handlers

import (
	"cmp"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
)

// respond answers with the envelope.
func respond(c *gin.Context, status int, message string, data any) {
	c.JSON(status, middleware.Envelope{Message: message, Data: data})
}

// timestamp is a time as clients see it, RFC 3339 in UTC with milliseconds; nil if it is not known.
func timestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// orEmpty is a text that may not have been sent.
func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// links makes absolute URLs of this server.
type links struct {
	public  string         // the PUBLIC_URL setting
	proxies []netip.Prefix // whose X-Forwarded-Proto and X-Forwarded-Host count
}

// base is the server's URL as the client knows it, without a slash at its end.
func (l links) base(c *gin.Context) string {
	if l.public != "" {
		return l.public
	}
	scheme, host := "http", c.Request.Host
	if c.Request.TLS != nil {
		scheme = "https"
	}
	if l.behindProxy(c) {
		if strings.EqualFold(firstOf(c.GetHeader("X-Forwarded-Proto")), "https") {
			scheme = "https"
		}
		host = cmp.Or(firstOf(c.GetHeader("X-Forwarded-Host")), host)
	}
	if !hostPattern.MatchString(host) {
		host = "localhost" // it would end up in a Link header and in JSON
	}
	return scheme + "://" + host
}

// hostPattern is a host name or an IP address with or without a port.
var hostPattern = regexp.MustCompile(`^([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$`)

// firstOf is the first of a header's values, that of the proxy nearest to the client.
func firstOf(header string) string {
	first, _, _ := strings.Cut(header, ",")
	return strings.TrimSpace(first)
}

func (l links) behindProxy(c *gin.Context) bool {
	if len(l.proxies) == 0 {
		return false
	}
	remote, err := netip.ParseAddr(c.RemoteIP())
	if err != nil {
		return false
	}
	for _, proxy := range l.proxies {
		if proxy.Contains(remote.Unmap()) {
			return true
		}
	}
	return false
}

// proxyStrings are the networks as gin wants them.
func proxyStrings(proxies []netip.Prefix) []string {
	var s []string
	for _, proxy := range proxies {
		s = append(s, proxy.String())
	}
	return s
}
