package isbn

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestPrivateAddressesAreRefused(t *testing.T) {
	for address, want := range map[string]error{
		"93.184.215.14:443": nil, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443": nil,
		"127.0.0.1:443": errPrivate, "[::1]:443": errPrivate, "[::ffff:127.0.0.1]:443": errPrivate, "10.0.0.1:443": errPrivate,
		"172.16.0.1:443": errPrivate, "192.168.1.1:443": errPrivate, "169.254.169.254:80": errPrivate, "[fe80::1]:443": errPrivate,
		"[fd00::1]:443": errPrivate, "0.0.0.0:443": errPrivate, "224.0.0.1:443": errPrivate,
	} {
		if err := refusePrivate("tcp", address, nil); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
}

// Internet does not connect to this machine by any of its names and addresses.
func TestInternetRefusesThisMachine(t *testing.T) {
	local := httptest.NewServer(http.NotFoundHandler())
	defer local.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, local.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := Internet().Transport.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, errPrivate) {
		t.Errorf("the error is %v, want %v", err, errPrivate)
	}
}
