package sqlite

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// wantOpenError checks that Open fails with an error of one line that contains all parts.
func wantOpenError(t *testing.T, path string, parts ...string) {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err == nil {
		check(t, s.Close())
		t.Fatalf("%s was opened", path)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not contain %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("the error %q has more than one line", err)
	}
}

func TestSecondOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	wantOpenError(t, path, path, "another bookplate", "DATABASE_URL")
	check(t, s.Ping(t.Context())) // the open store still works
	check(t, s.Close())
	openAt(t, path)
}

func TestAnyPathWorks(t *testing.T) {
	for _, name := range []string{
		"with space.db", "what?.db", "?mode=memory", "100%.db", "%3F.db", "#1.db", "a+b&c=d.db", "naïve 😀.db", "file:x.db",
	} {
		path := filepath.Join(t.TempDir(), name)
		check(t, openAt(t, path).Close())
		file, err := os.Stat(path)
		check(t, err)
		if file.Size() == 0 {
			t.Errorf("the database is not in %q", path)
		}
	}
}

func TestRelativePathWorks(t *testing.T) {
	t.Chdir(t.TempDir())
	check(t, openAt(t, "bookplate.db").Close())
	file, err := os.Stat("bookplate.db")
	check(t, err)
	if file.Size() == 0 {
		t.Error("the database is not in bookplate.db")
	}
}

func TestFilesAreReadableByTheOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // Windows has no file modes
	}
	folder := t.TempDir()
	s := openAt(t, filepath.Join(folder, "bookplate.db"))
	check(t, addBook(s, newBook("Emma")))
	for name, want := range map[string]os.FileMode{
		"bookplate.db": 0o600, "bookplate.db-wal": 0o600, "bookplate.db-lock": 0o600,
	} {
		file, err := os.Stat(filepath.Join(folder, name))
		check(t, err)
		if got := file.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
}

// A mistake in the path of the database begins no empty library.
func TestMissingFolderIsNotCreated(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "libary")
	wantOpenError(t, filepath.Join(folder, "bookplate.db"), folder, "does not exist", "create it")
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was created")
	}
}

func TestOpenErrorNamesTheFile(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "notes.txt")
	check(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 1000)), 0o600))
	wantOpenError(t, text, text, "not a database")
	wantOpenError(t, folder, folder)
	wantOpenError(t, filepath.Join(text, "bookplate.db"), text)
}
