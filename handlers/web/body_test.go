package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"bookplate/middleware"
)

// bodyServer is a server whose only route, POST /, reads a body and discards an uploaded cover.
type bodyServer struct {
	testing.TB
	addr string
}

func newBodyServer(t *testing.T) *bodyServer {
	server := httptest.NewServer(bodyHandler())
	t.Cleanup(server.Close)
	return &bodyServer{t, server.Listener.Addr().String()}
}

func bodyHandler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(middleware.Linger) // whose writer must let deadlines through
	engine.POST("/", middleware.Handle(func(c *gin.Context) error {
		_, err := Read(c, &struct{}{})
		return err
	}))
	return engine
}

// post sends the headers of a request and the first bytes of its body.
func (s *bodyServer) post(contentType string, length int, body string) net.Conn {
	s.Helper()
	conn, err := new(net.Dialer).DialContext(s.Context(), "tcp", s.addr)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: library\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, length, body); err != nil {
		s.Fatal(err)
	}
	return conn
}

// readResponse waits for the answer.
func (s *bodyServer) readResponse(conn net.Conn) *http.Response {
	s.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// A body without a cover is rejected if it has not arrived within textTimeout, even if it is a form.
func TestStalledTextIsGivenUp(t *testing.T) {
	for name, request := range map[string]string{
		"JSON": "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
		"form": "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100\r\n\r\n--x",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := make(pipeListener, 1)
				server := http.Server{Handler: bodyHandler(), ReadHeaderTimeout: time.Hour}
				go func() { _ = server.Serve(listener) }() // ends with the server
				defer server.Close()                       //nolint:errcheck // a pipe's Close does not fail
				client, conn := net.Pipe()
				listener <- conn
				if _, err := io.WriteString(client, "POST / HTTP/1.1\r\nHost: library\r\n"+request); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				response, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
				if waited := time.Since(start); response.StatusCode != http.StatusBadRequest || waited != textTimeout {
					t.Errorf("answered %s after %v", response.Status, waited)
				}
			})
		})
	}
}

// pipeListener is a net.Listener that accepts the connections sent to the channel.
type pipeListener chan net.Conn

func (l pipeListener) Accept() (net.Conn, error) {
	conn, open := <-l
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l pipeListener) Close() error {
	close(l)
	return nil
}

func (l pipeListener) Addr() net.Addr { return &net.UnixAddr{} }

// All bodies that have not fully arrived take at most maxTexts bytes of memory together. If there are more, the server
// stops reading the largest ones, and still reads small ones.
func TestStalledBodiesAreLimited(t *testing.T) {
	const size, small = MaxText / 2, `{"email":"ada@example.com"}`
	document := `{"name":"` + strings.Repeat("a", size)
	field := "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + strings.Repeat("a", size)
	for name, c := range map[string]struct {
		contentType, body string
		size              int // how much of the body is in memory, in bytes
	}{
		"JSON":         {"application/json", document, size},
		"form":         {"multipart/form-data; boundary=x", field, size},
		"part headers": {"multipart/form-data; boundary=x", "--x\r\n" + strings.Repeat("a:\r\n", maxPartHeader/4-16), maxPartHeader - 64},
	} {
		t.Run(name, func(t *testing.T) {
			s := newBodyServer(t)
			waiting := s.post("application/json", len(small), small[:1])
			conns := make(chan net.Conn, maxTexts/c.size+16)
			for range cap(conns) {
				conns <- s.post(c.contentType, MaxText, c.body)
			}
			close(conns)
			answers := make(chan *http.Response)
			for conn := range conns {
				go func() {
					if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
						answers <- response
					}
				}()
			}
			for range cap(conns) - maxTexts/c.size {
				a := <-answers
				if a.StatusCode != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
					t.Fatalf("a stalled body is answered %s, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
				}
			}
			if _, err := io.WriteString(waiting, small[1:]); err != nil {
				t.Fatal(err)
			}
			if a := s.readResponse(waiting); a.StatusCode != http.StatusOK {
				t.Errorf("a small body is answered %s", a.Status)
			}
		})
	}
}
