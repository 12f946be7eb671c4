package throttle

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
)

// Network returns the network of an IP address, by which attempts are counted. For IPv4, it is the address itself. For
// IPv6, it is the /64, because one client usually has all addresses of a /64.
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

// tallyKey returns the key of a tally: a hash of what the tally counts. It always has 22 characters. It is a hash so
// that the database does not reveal addresses or names.
func tallyKey(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
