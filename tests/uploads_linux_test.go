package tests

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A server that is killed during an upload leaves no file of the upload.
func TestKilledServerLeavesNoUpload(t *testing.T) {
	t.Parallel()
	temporary := t.TempDir()
	s := startServer(t, "TMPDIR="+temporary)
	token := s.signedIn("ada@example.com").Token
	form := withForm("POST", "/books/", token, picture+strings.Repeat("x", 1<<20), "title", "Emma", "category", "science")
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the server closes it
	_, err = fmt.Fprintf(conn, "POST /books/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: %s\r\nContent-Length: %d\r\n\r\n", token, form.contentType, len(form.body))
	if err == nil {
		_, err = io.WriteString(conn, form.body[:len(form.body)/2])
	}
	if err != nil {
		t.Fatal(err)
	}
	s.eventually("the upload is buffered", func() bool { return s.unlinkedFiles(temporary) > 0 })
	s.kill()
	for _, dir := range []string{temporary, filepath.Join(s.folder, "data", "covers")} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v, %v", dir, left, err)
		}
	}
}

// unlinkedFiles returns how many removed files of a folder the server still has open.
func (s *server) unlinkedFiles(folder string) (n int) {
	s.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err == nil && strings.HasPrefix(target, folder) && strings.HasSuffix(target, " (deleted)") {
			n++
		}
	}
	return n
}
