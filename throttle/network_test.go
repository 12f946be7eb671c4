package throttle

import (
	"strings"
	"testing"
)

func TestNetwork(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::7": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "",
	} {
		if got := Network(ip); got != want {
			t.Errorf("%s is counted under %s, want %s", ip, got, want)
		}
	}
}

// All tally keys have the same length, and different parts give different keys.
func TestTallyKey(t *testing.T) {
	keys := map[string]bool{}
	for _, parts := range [][]string{{}, {"a", "b"}, {"ab"}, {"a", "", "b"}, {strings.Repeat("a", 1<<20)}} {
		key := tallyKey(parts...)
		if len(key) != 22 || keys[key] {
			t.Errorf("%.20q has the key %s", parts, key)
		}
		keys[key] = true
	}
}
