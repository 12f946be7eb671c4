package tests

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestRestartKeepsEverything(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	ada := s.signedIn("ada@example.com")
	gone := data[user](t, s.do(login("ada@example.com"), http.StatusOK))
	s.do(request{method: "POST", path: "/auth/logout", token: gone.Token}, http.StatusOK)
	b := s.addBook(ada.Token, "Emma")

	s.restart()
	s.do(get("/users/", ada.Token), http.StatusOK)
	s.do(get("/users/", gone.Token), http.StatusUnauthorized)
	if got := s.books(ada.Token); len(got) != 1 || got[0] != b {
		t.Errorf("listed %+v, want %+v", got, b)
	}
	s.wantCover(b)
}

func TestGeneratedSecretIsKeptAndHidden(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	path := filepath.Join(s.folder, "data", "secret.key")
	secret := secretIn(t, path)
	ada := s.signedIn("ada@example.com")
	s.restart()
	s.do(get("/users/", ada.Token), http.StatusOK)
	if secretIn(t, path) != secret {
		t.Error("the restart made another secret")
	}
	config, _, _ := s.run("config")
	if strings.Contains(s.stdout.String()+s.stderr.String()+config, secret) {
		t.Error("the output has the secret")
	}

	other := startServer(t)
	if secretIn(t, filepath.Join(other.folder, "data", "secret.key")) == secret {
		t.Error("two servers made the same secret")
	}
	other.do(get("/users/", ada.Token), http.StatusUnauthorized)
}

// secretIn reads a secret and checks that only the file's owner can read it.
func secretIn(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" { // Windows has no such modes
		t.Errorf("the secret's file has mode %o, want 600", mode)
	}
	secret := strings.TrimSpace(string(content))
	if len(secret) < 32 {
		t.Errorf("the secret has %d bytes", len(secret))
	}
	return secret
}
