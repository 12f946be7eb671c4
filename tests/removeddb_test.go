//go:build !windows

// On Windows an open file cannot be removed.

package tests

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A server whose database file is removed rejects writes, says what to do, and saves the data when it stops.
func TestRemovedDatabase(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Emma")
	path := filepath.Join(s.folder, "data", "bookplate.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s.wantUnavailable(newBook(ada.Token, "Sanditon"))
	if a := s.do(get("/readyz", ""), http.StatusServiceUnavailable); !strings.Contains(a.body, "the log has the reason") {
		t.Errorf("/readyz: %s", a.body)
	}
	s.eventually("the log says what to do", func() bool {
		log := s.stdout.String()
		return strings.Contains(log, "was removed or replaced") && strings.Contains(log, "SIGTERM")
	})
	if got := s.books(ada.Token); len(got) != 1 || got[0] != b {
		t.Errorf("listed %+v, want %+v", got, b)
	}

	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	code := s.exitCode()
	saved, _ := filepath.Glob(path + ".saved-*")
	if code != 1 || len(saved) != 1 || !strings.Contains(s.stderr.String(), filepath.Base(saved[0])) {
		t.Fatalf("exit code %d, saved %q, stderr %s; want a message that names the saved file", code, saved, &s.stderr)
	}
	if err := os.Rename(saved[0], path); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.wantCover(b)
	if got := s.books(ada.Token); len(got) != 1 || got[0] != b {
		t.Errorf("after the restart: listed %+v, want %+v", got, b)
	}
}
