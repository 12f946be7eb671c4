package throttle

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
)

// Network returns the network of an IP address, under which attempts are counted. It is the address itself for IPv4, and
// the /64 for IPv6, because a client usually has all addresses of its /64.
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

// tallyKey returns the key of a tally: a hash of what it counts. It has 22 characters whatever a client sent, and the
// table shows neither addresses nor names.
func tallyKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
