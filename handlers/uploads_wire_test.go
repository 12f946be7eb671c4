package handlers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// dial opens a connection to the server.
func (s *testServer) dial() net.Conn {
	s.Helper()
	conn, err := new(net.Dialer).DialContext(s.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// uploadHead returns the request line and the headers of an upload. If length is negative, the body is sent in chunks.
func uploadHead(token, contentType string, length int64, more ...string) string {
	size := fmt.Sprint("Content-Length: ", length)
	if length < 0 {
		size = "Transfer-Encoding: chunked"
	}
	lines := append([]string{
		"POST /books/ HTTP/1.1", "Host: library", "Authorization: Bearer " + token, "Content-Type: " + contentType, size,
	}, more...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// oneChunk encodes a body as a single chunk.
func oneChunk(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

// readAnswer reads the server's answer from a connection.
func (s *testServer) readAnswer(conn net.Conn) answer {
	s.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Fatalf("no answer: %v", err)
	}
	defer response.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{s.TB, response.StatusCode, response.Header, body, s.log}
}

// wantNothingLeft waits until no cover and no temporary file is left.
func (s *testServer) wantNothingLeft(dir string) {
	s.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		left, err := os.ReadDir(dir)
		if err != nil {
			s.Fatal(err)
		}
		if len(left) == 0 && s.coverCount() == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("left: %d covers and %v", s.coverCount(), left)
		}
	}
}

func TestClientDisconnectsDuringUpload(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	contentType, body := formBody(t, bookForm(t, "Notes")...)
	for _, sent := range []int{0, 1, len(body) / 2, len(body) - 1} {
		conn := s.dial()
		if _, err := io.WriteString(conn, uploadHead(ada.Token, contentType, int64(len(body)))+body[:sent]); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		s.wantNothingLeft(dir)
	}
	s.addBook(ada.Token, "Notes")
}

// The server notices that a client has disconnected while its cover waits for memory, even if the body of the request
// goes on after the form.
func TestClientDisconnectsWhileCoverWaits(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.holdCoverMemory()
	contentType, form := formBody(t, bookForm(t, "Notes")...)
	body := form + strings.Repeat(" ", 64<<10) // more than the server buffers
	for name, request := range map[string]string{
		"with its length": uploadHead(ada.Token, contentType, int64(len(body))) + body,
		"in chunks":       uploadHead(ada.Token, contentType, -1) + oneChunk(body),
	} {
		t.Run(name, func(t *testing.T) {
			before := len(s.log.String())
			conn := s.dial()
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			// If the server had not noticed that the client is gone, the log would name the time limit instead.
			if line := s.nextLogLine(before); !strings.Contains(line, context.Canceled.Error()) {
				t.Errorf("the request ended for another reason: %s", line)
			}
		})
	}
}

// nextLogLine waits until the log is longer than before, in bytes, and returns what was added.
func (s *testServer) nextLogLine(before int) string {
	s.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if line := s.log.String()[before:]; line != "" {
			return line
		}
		if time.Now().After(deadline) {
			s.Fatal("nothing was logged")
		}
	}
}

// startWithShortTimeout starts a server whose read timeout is 200 ms instead of two minutes.
func (s *testServer) startWithShortTimeout() {
	s.Helper()
	server := httptest.NewUnstartedServer(s.handler())
	server.Config.ReadTimeout = 200 * time.Millisecond
	server.Start()
	s.Cleanup(server.Close)
	s.url = server.URL
}

func TestStalledUpload(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.startWithShortTimeout()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	contentType, body := formBody(t, bookForm(t, "Notes")...)
	conn := s.dial()
	if _, err := io.WriteString(conn, uploadHead(ada.Token, contentType, int64(len(body)))+body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	s.readAnswer(conn).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":"the body is malformed or was cut short"}`)
	s.wantNothingLeft(dir)
}

// Most clients send the whole body before they read the answer. Such a client, too, gets the answer to a body that is
// too large.
func TestClientReadsRejectionOfLargeBody(t *testing.T) {
	const tooLarge = `{"message":"Request Entity Too Large","data":null,"error":"the limit is 64 KiB (65536 bytes)"}`
	const noToken = `{"message":"Authentication Token is missing!","data":null,"error":"Unauthorized"}`
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	ada := s.signedIn("ada@example.com")
	form := bookForm(t, "Notes")
	form[3].value = strings.Repeat("a", 16<<20) // larger than the buffers of a connection
	contentType, body := formBody(t, form...)
	length := int64(len(body))
	for _, c := range []struct {
		name, head, body, want string
		status                 int
	}{
		{"with its length", uploadHead(ada.Token, contentType, length), body, tooLarge, http.StatusRequestEntityTooLarge},
		{"in chunks", uploadHead(ada.Token, contentType, -1), oneChunk(body), tooLarge, http.StatusRequestEntityTooLarge},
		{"not signed in", uploadHead("", contentType, length), body, noToken, http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.dial()
			if _, err := io.WriteString(conn, c.head+c.body); err != nil {
				t.Fatalf("the connection was closed while the client wrote: %v", err)
			}
			s.readAnswer(conn).want(c.status, c.want)
		})
	}
}

// If a client stops sending an upload that was rejected, the server closes the connection after the usual read timeout.
func TestStalledRejectedUpload(t *testing.T) {
	s := newServer(t, nil)
	s.startWithShortTimeout()
	conn := s.dial()
	if _, err := io.WriteString(conn, uploadHead("", "multipart/form-data; boundary=x", 1<<20)+"--x"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // up to the end of the connection
	if err != nil || !strings.Contains(string(answer), "Authentication Token is missing!") {
		t.Errorf("%q, %v", answer, err)
	}
}

// A client that sends Expect: 100-continue gets the rejection instead of 100 Continue, before it sends the body.
func TestRejectionInsteadOf100Continue(t *testing.T) {
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	ada := s.signedIn("ada@example.com")
	conn := s.dial()
	asking := uploadHead(ada.Token, "multipart/form-data; boundary=x", 1<<30, "Expect: 100-continue")
	if _, err := io.WriteString(conn, asking); err != nil {
		t.Fatal(err)
	}
	s.readAnswer(conn).want(http.StatusRequestEntityTooLarge,
		`{"message":"Request Entity Too Large","data":null,"error":"the limit is 64 KiB (65536 bytes)"}`)
}

// If a rejected body does not end, the server stops reading it.
func TestEndlessBodyIsCutOff(t *testing.T) {
	const most = 1 << 30
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	conn := s.dial()
	if _, err := io.WriteString(conn, uploadHead("", "multipart/form-data; boundary=x", most)); err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 1<<20)
	for sent := 0; sent < most; sent += len(chunk) {
		if _, err := conn.Write(chunk); err != nil {
			return
		}
	}
	t.Errorf("the server read all of %d bytes", most)
}
