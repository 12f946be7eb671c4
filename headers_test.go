package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHeaderLines(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body) // a client that disconnects is not an error
	}))
	server.Listener, server.Config.ConnState = headerListener{server.Listener}, headerState
	server.Start()
	t.Cleanup(server.Close)
	const none, closed = 0, -1 // no answer yet; the connection is closed without one
	const start, end = "POST / HTTP/1.1\r\nHost: library\r\n", "\r\n"
	many := strings.Repeat("A:\r\n", maxHeaderLines)
	half := many[:len(many)/2]
	body := strings.Repeat(strings.Repeat("a", 63)+"\n", 1<<10)
	withBody := "Content-Length: 65536\r\n\r\n"
	for name, c := range map[string]struct {
		sent   []string // one after the other; before each part, the test waits for the answers to the parts before
		status []int    // of the answers
	}{
		"usual":               {[]string{start + half + end}, []int{200}},
		"too many":            {[]string{start + many + end}, []int{400}},
		"too many, not ended": {[]string{start + many}, []int{400}},
		"one after the other": {[]string{start + end, start + half + end, start + end, start + half + end}, []int{200, 200, 200, 200}},
		"too many after one":  {[]string{start + end, start + many}, []int{200, closed}},
		"lines in the body":   {[]string{start + withBody, body, start + end}, []int{none, 200, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // it was only read
			reader := bufio.NewReader(conn)
			for i, text := range c.sent {
				if _, err := io.WriteString(conn, text); err != nil {
					t.Fatal(err)
				}
				if c.status[i] == none {
					continue
				}
				a, err := http.ReadResponse(reader, nil)
				if c.status[i] == closed && err != nil {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.Copy(io.Discard, a.Body)
				if err = errors.Join(err, a.Body.Close()); err != nil || a.StatusCode != c.status[i] {
					t.Errorf("answer %d is %s (%v), want %d", i, a.Status, err, c.status[i])
				}
			}
		})
	}
}
