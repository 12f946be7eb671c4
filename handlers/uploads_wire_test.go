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

// dial opens a connection of its own to the server.
func (s *testServer) dial() net.Conn {
	s.Helper()
	conn, err := new(net.Dialer).DialContext(s.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// head is the head of an upload whose body has so many bytes, or comes in chunks if that is negative.
func head(token, contentType string, length int64, more ...string) string {
	size := fmt.Sprint("Content-Length: ", length)
	if length < 0 {
		size = "Transfer-Encoding: chunked"
	}
	lines := append([]string{
		"POST /books/ HTTP/1.1", "Host: library", "Authorization: Bearer " + token, "Content-Type: " + contentType, size,
	}, more...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// inChunk is a body in one chunk.
func inChunk(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }

// readAnswer reads what the server answers on a connection.
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
	return answer{s.TB, response.StatusCode, response.Header, body}
}

// wantNothingLeft polls until neither a cover nor a temporary file is left.
func (s *testServer) wantNothingLeft(dir string) {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
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

func TestUploadWhoseClientHangsUp(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	contentType, body := formBody(t, bookForm(t, "Notes")...)
	for _, sent := range []int{0, 1, len(body) / 2, len(body) - 1} {
		conn := s.dial()
		if _, err := io.WriteString(conn, head(ada.Token, contentType, int64(len(body)))+body[:sent]); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		s.wantNothingLeft(dir)
	}
	s.addBook(ada.Token, "Notes")
}

// A client may hang up while its picture waits for memory. What it has sent behind the form's end must not keep the
// server from noticing.
func TestClientHangsUpWhileItsPictureWaits(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.holdCovers()
	contentType, form := formBody(t, bookForm(t, "Notes")...)
	body := form + strings.Repeat(" ", 64<<10) // more than is read ahead
	for name, request := range map[string]string{
		"with its length": head(ada.Token, contentType, int64(len(body))) + body,
		"in chunks":       head(ada.Token, contentType, -1) + inChunk(body),
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
			// A request that has not noticed goes on to the end of its time, and has that as its cause.
			if line := s.nextLogLine(before); !strings.Contains(line, context.Canceled.Error()) {
				t.Errorf("the request has ended for another reason: %s", line)
			}
		})
	}
}

// nextLogLine polls for what is logged behind so many bytes.
func (s *testServer) nextLogLine(before int) string {
	s.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if line := s.log.String()[before:]; line != "" {
			return line
		}
		if time.Now().After(deadline) {
			s.Fatal("nothing was logged")
		}
	}
}

// startImpatient starts a server that gives a request little time to come; the one that main starts gives it two
// minutes.
func (s *testServer) startImpatient() {
	s.Helper()
	impatient := httptest.NewUnstartedServer(s.handler())
	impatient.Config.ReadTimeout = 200 * time.Millisecond
	impatient.Start()
	s.Cleanup(impatient.Close)
	s.url = impatient.URL
}

func TestUploadThatStalls(t *testing.T) {
	s := newServer(t, nil)
	ada := s.signedIn("ada@example.com")
	s.startImpatient()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	contentType, body := formBody(t, bookForm(t, "Notes")...)
	conn := s.dial()
	if _, err := io.WriteString(conn, head(ada.Token, contentType, int64(len(body)))+body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	s.readAnswer(conn).want(http.StatusBadRequest,
		`{"message":"Invalid data","data":null,"error":"the body is malformed or was cut short"}`)
	s.wantNothingLeft(dir)
}

// Most clients send all of a body before they look for an answer. They see it all the same.
func TestRefusalOfALargeBodyIsSeen(t *testing.T) {
	const tooLarge = `{"message":"Request Entity Too Large","data":null,"error":"the limit is 64 KiB (65536 bytes)"}`
	const noToken = `{"message":"Authentication Token is missing!","data":null,"error":"Unauthorized"}`
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	ada := s.signedIn("ada@example.com")
	form := bookForm(t, "Notes")
	form[3].value = strings.Repeat("a", 16<<20) // more than the buffers of a connection hold
	contentType, body := formBody(t, form...)
	length := int64(len(body))
	for _, c := range []struct {
		name, head, body, want string
		status                 int
	}{
		{"its length is known", head(ada.Token, contentType, length), body, tooLarge, http.StatusRequestEntityTooLarge},
		{"its length shows", head(ada.Token, contentType, -1), inChunk(body), tooLarge, http.StatusRequestEntityTooLarge},
		{"not signed in", head("", contentType, length), body, noToken, http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.dial()
			if _, err := io.WriteString(conn, c.head+c.body); err != nil {
				t.Fatalf("the connection was cut under the client: %v", err)
			}
			s.readAnswer(conn).want(c.status, c.want)
		})
	}
}

// Who was refused and sends no more is waited for as long as for any request, and no longer.
func TestARefusedUploadThatStalls(t *testing.T) {
	s := newServer(t, nil)
	s.startImpatient()
	conn := s.dial()
	if _, err := io.WriteString(conn, head("", "multipart/form-data; boundary=x", 1<<20)+"--x"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // up to the end of the connection
	if err != nil || !strings.Contains(string(answer), "Authentication Token is missing!") {
		t.Errorf("%q, %v", answer, err)
	}
}

// Who asks before sending need not send.
func TestRefusalInsteadOf100Continue(t *testing.T) {
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	ada := s.signedIn("ada@example.com")
	conn := s.dial()
	asking := head(ada.Token, "multipart/form-data; boundary=x", 1<<30, "Expect: 100-continue")
	if _, err := io.WriteString(conn, asking); err != nil {
		t.Fatal(err)
	}
	s.readAnswer(conn).want(http.StatusRequestEntityTooLarge,
		`{"message":"Request Entity Too Large","data":null,"error":"the limit is 64 KiB (65536 bytes)"}`)
}

// What goes on without an end is cut off after all.
func TestABodyWithoutEndIsCutOff(t *testing.T) {
	const most = 1 << 30
	s := newServer(t, map[string]string{"MAX_UPLOAD": "64KiB"})
	conn := s.dial()
	if _, err := io.WriteString(conn, head("", "multipart/form-data; boundary=x", most)); err != nil {
		t.Fatal(err)
	}
	chunk := make([]byte, 1<<20)
	for sent := 0; sent < most; sent += len(chunk) {
		if _, err := conn.Write(chunk); err != nil {
			return
		}
	}
	t.Errorf("all of %d bytes were taken", most)
}
