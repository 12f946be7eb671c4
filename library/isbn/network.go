package isbn

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const (
	timeout          = 10 * time.Second
	dialTimeout      = 4 * time.Second
	maxHeader        = 64 << 10 // bytes
	maxIdlePerSource = 2
)

// Internet returns the network for a real server. It refuses private addresses.
func Internet() Network {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: refusePrivate}
	return Network{
		Timeout: timeout,
		Wait:    wait,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTimeout, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: maxIdlePerSource, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: maxHeader,
		},
	}
}

var errPrivate = errors.New("the host has an address that is not on the internet")

// refusePrivate returns an error for a loopback, private or link-local address. It prevents SSRF, because DNS may
// return such an address for the name of a source.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := addr.Addr().Unmap(); !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return errPrivate
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
