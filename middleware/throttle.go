package middleware

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
	"time"

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
