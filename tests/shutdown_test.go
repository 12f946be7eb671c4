//go:build !windows

// On Windows a program can be killed but not asked to stop.

package tests

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
)

func TestShutdownFinishesAnUpload(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	upload := s.beginUpload(newBook(ada.Token, "Emma"))

	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.eventually("new connections are refused", func() bool {
		conn, err := net.Dial("tcp", s.addr)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	if a := upload.finish(); a.status != http.StatusCreated {
		t.Fatalf("the upload: %d %s", a.status, a.body)
	}
	if code := s.exitCode(); code != 0 || s.stderr.String() != "" {
		t.Errorf("exit code %d, stderr %s", code, &s.stderr)
	}
	if !strings.Contains(s.stdout.String(), "stopping") {
		t.Error("the log does not say that the server stops")
	}

	s.start()
	if got := s.books(ada.Token); len(got) != 1 || got[0].Title != "Emma" {
		t.Errorf("after the restart: %+v", got)
	}
}

func TestShutdownOfAnIdleServer(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		s := startServer(t)
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if code := s.exitCode(); code != 0 || s.stderr.String() != "" {
			t.Errorf("%v: exit code %d, stderr %s", signal, code, &s.stderr)
		}
	}
}

// upload is a request whose body is half sent.
type upload struct {
	*server
	rest   string
	body   *io.PipeWriter
	answer chan answer
}

// beginUpload sends a request up to the middle of its body. When it returns, the server is reading the body.
func (s *server) beginUpload(r request) upload {
	s.Helper()
	body, writer := io.Pipe()
	reading := make(chan struct{})
	ctx := httptrace.WithClientTrace(s.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	half := len(r.body) / 2
	u := upload{s, r.body[half:], writer, make(chan answer, 1)}
	go func() { u.answer <- s.sendUpload(ctx, r, body) }()
	if _, err := io.WriteString(writer, r.body[:half]); err != nil {
		s.Fatal(err)
	}
	<-reading
	return u
}

// sendUpload sends a request with Expect: 100-continue, so that the body follows only when the server reads it (RFC 9110,
// section 10.1.1).
func (s *server) sendUpload(ctx context.Context, r request, body io.Reader) answer {
	req, err := http.NewRequestWithContext(ctx, r.method, "http://"+s.addr+r.path, body)
	if err != nil {
		s.Error(err)
		return answer{}
	}
	req.ContentLength = int64(len(r.body))
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", r.contentType)
	req.Header.Set("Expect", "100-continue")
	response, err := (&http.Transport{ExpectContinueTimeout: patience}).RoundTrip(req)
	if err != nil {
		s.Error(err)
		return answer{}
	}
	defer response.Body.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.Error(err)
	}
	return answer{response.StatusCode, response.Header, string(content)}
}

// finish sends the rest of the body and returns the answer.
func (u upload) finish() answer {
	u.Helper()
	if _, err := io.WriteString(u.body, u.rest); err != nil {
		u.Fatal(err)
	}
	_ = u.body.Close() // closing a pipe never fails
	return <-u.answer
}

// The server sends all queued messages before it ends.
func TestShutdownSendsTheMail(t *testing.T) {
	t.Parallel()
	m, url := startMailServer(t)
	s := startServer(t, "SMTP_URL="+url, "MAIL_FROM=books@example.com", "REQUIRE_ACTIVATION=on")
	const count = 20
	for i := range count {
		s.do(signUp(fmt.Sprintf("user%d@example.com", i)), http.StatusCreated)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := s.exitCode(); code != 0 || s.stderr.String() != "" {
		t.Errorf("exit code %d, stderr %s", code, &s.stderr)
	}
	for i := range count {
		if m.take(fmt.Sprintf("user%d@example.com", i)) == "" {
			t.Errorf("user%d got no message", i)
		}
	}
}
