package main

import (
	"bytes"
	"errors"
	"net"
	"net/http"
)

// maxHeaderLines is how many lines the headers of a request may have. Browsers send about 20. Once parsed, even an
// empty line takes about 120 bytes. So without a limit, headers of 12 KiB could take 200 KB.
const maxHeaderLines = 200

var errTooManyHeaders = errors.New("the request has too many header lines")

// headerListener accepts connections that limit the number of header lines.
type headerListener struct{ net.Listener }

// Accept implements net.Listener.
func (l headerListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &headerConn{TCPConn: conn.(*net.TCPConn)}, nil
}

// headerConn counts the lines that it reads until net/http has parsed the headers of a request. The count is not exact:
// up to 4 KiB of the body may be counted too, and up to 4 KiB of headers are not counted if the client sends them
// before the previous request is answered.
type headerConn struct {
	*net.TCPConn
	parsed bool // the headers of the current request
	lines  int  // of the current request
}

// Read implements net.Conn. After errTooManyHeaders, net/http answers 400 to the first request of a connection. For a
// later request, it only closes the connection.
func (c *headerConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if c.parsed {
		return n, err
	}
	if c.lines += bytes.Count(p[:n], []byte("\n")); c.lines > maxHeaderLines {
		return 0, errTooManyHeaders
	}
	return n, err
}

// headerState is the ConnState function of an http.Server that uses a headerListener.
func headerState(conn net.Conn, state http.ConnState) {
	c := conn.(*headerConn)
	switch state {
	case http.StateActive:
		c.parsed = true
	case http.StateIdle:
		c.parsed, c.lines = false, 0
	}
}
