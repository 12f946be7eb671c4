package tests

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"bookplate/storage/storagetest"
)

// wantRun runs a command, checks that its output contains want, and returns the output.
func (s *server) wantRun(want string, args ...string) string {
	s.Helper()
	stdout, stderr, code := s.run(args...)
	if code != 0 || stderr != "" || !strings.Contains(stdout, want) {
		s.Errorf("%v: exit code %d, stderr %q, stdout %q, want %q", args, code, stderr, stdout, want)
	}
	return stdout
}

// With SQLite, commands fail while the server runs. The error says what to do.
func TestUserCommandsBesideARunningServer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.do(signUp("ada@example.com"), http.StatusCreated)
	stdout, stderr, code := s.run("user", "disable", "ada@example.com")
	if code != 1 || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	for _, want := range []string{"the server is running", "Stop the server", "over the API", "/users/password/forgot"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("want %q in %s", want, stderr)
		}
	}
	s.do(login("ada@example.com"), http.StatusOK)
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	s.do(get("/users/all", ada.Token), http.StatusForbidden)
	s.kill()
	s.wantRun("ada@example.com has the role admin", "user", "grant", "ada@example.com", "admin")
	s.wantRun("admin", "user", "list")
	link := s.wantRun("/users/password/reset/", "user", "reset-password", "ADA@example.com")
	s.start()
	s.do(get("/users/all", ada.Token), http.StatusOK)
	token := filepath.Base(strings.TrimSpace(link))
	s.do(withJSON("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":"Xyz@789"}`, token)), http.StatusOK)
	s.do(get("/users/all", ada.Token), http.StatusUnauthorized)
	s.do(withJSON("POST", "/users/login", "", `{"email":"ada@example.com","password":"Xyz@789"}`), http.StatusOK)
}

// With MongoDB, commands work while the server runs.
func TestUserCommandsBesideAServerOnMongoDB(t *testing.T) {
	t.Parallel()
	s := newServer(t, "DATABASE_URL="+storagetest.MongoURL(t), "SECRET_KEY="+sharedSecret)
	s.launch()
	s.eventuallyReady()
	ada := s.signedIn("ada@example.com")
	s.wantRun("ada@example.com is disabled", "user", "disable", "ada@example.com")
	s.do(get("/users/", ada.Token), http.StatusForbidden)
	s.wantRun("ada@example.com is enabled", "user", "enable", "ada@example.com")
	s.do(get("/users/", ada.Token), http.StatusUnauthorized)
	s.do(login("ada@example.com"), http.StatusOK)
}

// A command that runs in a folder without a library fails. It does not create a library there.
func TestUserCommandsWithoutALibrary(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, args := range [][]string{{"user", "list"}, {"user", "disable", "ada@example.com"}, {"covers", "check"}} {
		stdout, stderr, code := s.run(args...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, "there is no library at data") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
	wantEmpty(t, s.folder)
}

func TestFirstAdministratorByCommand(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	link := s.wantRun("ada@example.com has an account with the role admin", "user", "create", "ada@example.com", "--admin")
	s.start()
	token := filepath.Base(strings.TrimSpace(link))
	s.do(withJSON("POST", "/users/password/reset", "", fmt.Sprintf(`{"token":%q,"password":%q}`, token, password)), http.StatusOK)
	ada := s.do(login("ada@example.com"), http.StatusOK)
	if !strings.Contains(ada.body, `"role":"admin"`) {
		t.Errorf("the account is %s", ada.body)
	}
}

// Listing users changes nothing, so the server may keep running.
func TestUserListBesideARunningServer(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	s.wantRun("ada@example.com", "user", "list")
	s.addBook(ada.Token, "Emma")
	s.kill()
	s.wantRun("ada@example.com", "user", "list")
}
