package middleware

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/models"
)

// Network is what attempts are counted under of those who come from an address: of IPv6 the /64, since whoever has one
// address of it has them all, which would be a tally each.
func Network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}

// TallyKey is the key of what these parts name together: a hash, so that it has 22 characters whatever a client sent, and
// neither an address nor a person is read from the table.
func TallyKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// TooMany is the refusal of what has been tried too often, with how long to wait.
func TooMany(detail string, wait time.Duration) error {
	return &models.Error{Code: models.TooManyRequests, Detail: detail, RetryAfter: max(wait, time.Second)}
}

// Limit lets each network make a request as often as the limit says, whatever becomes of it. What names the requests that
// are counted together.
func Limit(tallies models.Throttles, what string, limit models.Limit, now func() time.Time) Handler {
	return func(c *gin.Context) error {
		return Admit(c.Request.Context(), tallies, TallyKey(what, Network(c.ClientIP())), limit, now())
	}
}

// Admit counts one more of what a key names, or returns TooManyRequests where there is no room for it.
func Admit(ctx context.Context, tallies models.Throttles, key string, limit models.Limit, now time.Time) error {
	var wait time.Duration
	err := tallies.Change(ctx, key, func(t models.Tally) models.Tally {
		if wait = limit.Wait(t, now); wait > 0 {
			return t
		}
		return limit.Add(t, now)
	})
	if err == nil && wait > 0 {
		err = TooMany("too many requests of this kind; try again later", wait)
	}
	return err
}
