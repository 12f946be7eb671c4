package tests

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wantStartFailure checks that the server fails to start, with exit code 1 and one line on stderr that has all parts.
func (s *server) wantStartFailure(parts ...string) {
	s.Helper()
	s.launch()
	code := s.exitCode()
	line := s.stderr.String()
	if code != 1 || !strings.HasPrefix(line, "bookplate: ") || strings.Index(line, "\n") != len(line)-1 || s.stdout.String() != "" {
		s.Errorf("exit code %d, stderr %q, stdout %q; want 1, one line and no output", code, line, &s.stdout)
	}
	for _, part := range parts {
		if !strings.Contains(line, part) {
			s.Errorf("%q lacks %q", line, part)
		}
	}
}

func TestSecondServerOnTheSameFileIsRefused(t *testing.T) {
	t.Parallel()
	first := startServer(t)
	token := first.signedIn("ada@example.com").Token
	path := filepath.Join(first.folder, "data", "bookplate.db")
	second := newServer(t, "DATABASE_URL=sqlite:"+path)
	second.wantStartFailure("DATABASE_URL", path, "another bookplate", "stop it")
	first.addBook(token, "Emma") // the first server is not affected

	first.kill()
	second.start()
	second.do(login("ada@example.com"), http.StatusOK)
}

// If the lock file of a running server is removed, a second server still cannot start.
func TestSecondServerWithoutLockFileIsRefused(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	first := startServer(t)
	token := first.signedIn("ada@example.com").Token
	path := filepath.Join(first.folder, "data", "bookplate.db")
	if err := os.Remove(path + "-lock"); err != nil {
		t.Fatal(err)
	}
	newServer(t, "DATABASE_URL=sqlite:"+path).wantStartFailure("DATABASE_URL", path, "another bookplate", "stop it")
	first.addBook(token, "Emma")
}

func TestPortInUseIsNamed(t *testing.T) {
	t.Parallel()
	first := startServer(t)
	second := newServer(t, "ADDR="+first.addr)
	second.wantStartFailure(first.addr+" is in use", "stop it", "PORT=")
	wantEmpty(t, second.folder)
	first.signedIn("ada@example.com")
}

// The test puts a file where a folder should be, because that also fails for root, who ignores permissions.
func TestUnusableFoldersAreNamed(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "notes.txt", "Dear diary\n")
	folder := filepath.Join(file, "data")
	for _, c := range []struct {
		setting string
		parts   []string
	}{
		{"DATA_DIR=" + folder, []string{"DATA_DIR", "folder", file, "not a directory"}},
		{"DATABASE_URL=sqlite:" + filepath.Join(folder, "bookplate.db"), []string{"DATABASE_URL", file, "not a directory"}},
		{"DATABASE_URL=sqlite:" + filepath.Dir(file), []string{"DATABASE_URL", filepath.Dir(file), "is a directory"}},
		{"COVERS_URL=disk:" + folder, []string{"COVERS_URL", folder, "not a directory"}},
		{"DATABASE_URL=sqlite:nosuchfolder/bookplate.db", []string{"DATABASE_URL", "nosuchfolder", "does not exist", "create it"}},
		{"COVERS_URL=disk:covres", []string{"COVERS_URL", "covres", "does not exist", "create it"}},
	} {
		name, _, _ := strings.Cut(c.setting, "=")
		t.Run(name, func(t *testing.T) { newServer(t, c.setting).wantStartFailure(c.parts...) })
	}
	wantFile(t, file, "Dear diary\n")
}

func TestOtherFileIsNotOverwritten(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	text := strings.Repeat("Dear diary\n", 1000)
	file := writeFile(t, "notes.txt", text)
	newServer(t, "DATABASE_URL=sqlite:"+file).wantStartFailure("DATABASE_URL", file, "not a database")
	wantFile(t, file, text)
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.signedIn("ada@example.com")
	s.kill()
	path := filepath.Join("data", "bookplate.db")
	makeNewer(t, filepath.Join(s.folder, path))
	s.stdout = buffer{}
	s.wantStartFailure("DATABASE_URL", path, "version 99", "run a newer bookplate")
	wantIntact(t, filepath.Join(s.folder, path))
}

func TestDamagedSecretIsNamed(t *testing.T) {
	t.Parallel()
	for _, damaged := range []string{"cut-off", strings.Repeat("\x00", 36)} {
		file := writeFile(t, "secret.key", damaged)
		s := newServer(t, "DATA_DIR="+filepath.Dir(file))
		s.wantStartFailure("SECRET_KEY", file, "delete the file")
		if strings.Contains(s.stderr.String(), damaged) {
			t.Errorf("the error has the secret: %s", &s.stderr)
		}
	}
}

// writeFile creates a file in a new folder and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func wantFile(t *testing.T, path, content string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Errorf("%s is now %.100q, %v", path, got, err)
	}
}

// wantEmpty checks that a folder is empty.
func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("%s has %v, error %v; want no files", folder, entries, err)
	}
}
