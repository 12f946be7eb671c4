package web

import (
	"cmp"
	"net/netip"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
)

// Links makes absolute URLs of this server.
type Links struct {
	Public  string         // the PUBLIC_URL setting; empty if it is not set
	Proxies []netip.Prefix // the proxies whose X-Forwarded-Proto and X-Forwarded-Host headers are trusted
}

// Base returns the URL of the server as the client knows it, without a trailing slash.
func (l Links) Base(c *gin.Context) string {
	if l.Public != "" {
		return l.Public
	}
	scheme, host := "http", c.Request.Host
	if c.Request.TLS != nil {
		scheme = "https"
	}
	if l.behindProxy(c) {
		if strings.EqualFold(middleware.Forwarded(c, "X-Forwarded-Proto"), "https") {
			scheme = "https"
		}
		host = cmp.Or(middleware.Forwarded(c, "X-Forwarded-Host"), host)
	}
	if !hostPattern.MatchString(host) {
		host = "localhost" // a malformed host could inject text into a Link header or JSON
	}
	return scheme + "://" + host
}

// hostPattern matches a host name or an IP address, with or without a port.
var hostPattern = regexp.MustCompile(`^([0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$`)

// behindProxy reports whether the request came through a trusted proxy.
func (l Links) behindProxy(c *gin.Context) bool {
	if len(l.Proxies) == 0 {
		return false
	}
	remote, err := netip.ParseAddr(c.RemoteIP())
	if err != nil {
		return false
	}
	for _, proxy := range l.Proxies {
		if proxy.Contains(remote.Unmap()) {
			return true
		}
	}
	return false
}
