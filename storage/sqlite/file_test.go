package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bookplate/models"
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

// A mistake in the path of the database must not create an empty library.
func TestMissingFolderIsNotCreated(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "nosuchfolder")
	wantOpenError(t, filepath.Join(folder, "bookplate.db"), folder, "does not exist", "create it")
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was created")
	}
}

func TestOpenErrorNamesTheFile(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	folder := t.TempDir()
	text := filepath.Join(folder, "notes.txt")
	check(t, os.WriteFile(text, []byte(strings.Repeat("not a database\n", 1000)), 0o600))
	wantOpenError(t, text, text, "not a database")
	wantOpenError(t, folder, folder)
	wantOpenError(t, filepath.Join(text, "bookplate.db"), text)
}

// If the path does not name the open file any more, writes are rejected, but reads work.
func TestReplacedFileRejectsWrites(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // Windows does not rename an open file
	}
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s, book := openAt(t, path), newBook("Emma")
	check(t, addBook(s, book))
	for name, replace := range map[string]func() error{
		"removed":  func() error { return nil },
		"replaced": func() error { return os.WriteFile(path, []byte("another"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			check(t, os.Rename(path, path+".moved"))
			check(t, replace())
			err := addBook(s, newBook("Persuasion"))
			wantCode(t, err, models.Unavailable)
			if !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "SIGTERM") {
				t.Errorf("the error %q does not say what to do", err)
			}
			wantCode(t, s.Ping(t.Context()), models.Unavailable)
			wantStored(t, s, book, true)
			check(t, os.Rename(path+".moved", path))
			check(t, s.Ping(t.Context()))
		})
	}
}

// Close saves the data of a removed file, even if the folder was removed too.
func TestCloseSavesTheDataOfARemovedFile(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	if runtime.GOOS == "windows" {
		return // Windows does not remove an open file
	}
	path := filepath.Join(t.TempDir(), "data", "bookplate.db")
	check(t, os.Mkdir(filepath.Dir(path), 0o700))
	s, book := openAt(t, path), newBook("Emma")
	check(t, addBook(s, book))
	check(t, os.RemoveAll(filepath.Dir(path)))
	err := s.Close()
	saved, _ := filepath.Glob(path + ".saved-*")
	if err == nil || len(saved) != 1 || !strings.Contains(err.Error(), saved[0]) {
		t.Fatalf("got error %v and files %q; want an error that names the saved file", err, saved)
	}
	wantStored(t, openAt(t, saved[0]), book, true)
}

// If the database file was replaced by a new database, the write-ahead log beside it belongs to the new one. Closing
// the old store must not remove that log.
func TestClosingAReplacedFileKeepsTheLogOfTheNewOne(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // Windows does not remove an open file
	}
	path := filepath.Join(t.TempDir(), "bookplate.db")
	old, book := openAt(t, path), newBook("Emma")
	check(t, old.Ping(t.Context()))
	for _, suffix := range []string{"", "-wal", "-shm", lockSuffix} {
		check(t, os.Remove(path+suffix))
	}
	current := openAt(t, path)
	check(t, addBook(current, book))
	if old.Close() == nil {
		t.Error("closing the old store returned no error")
	}
	if log, err := os.Stat(path + "-wal"); err != nil || log.Size() == 0 {
		t.Errorf("the log of the new database is gone: %v", err)
	}
	wantStored(t, current, book, true)
}

func TestRemovedLockFileKeepsOthersOut(t *testing.T) {
	t.Parallel() // it mostly waits, because a lock file is missing
	if runtime.GOOS == "windows" {
		return // Windows does not remove an open file
	}
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s := openAt(t, path)
	for range 2 {
		check(t, os.Remove(path+lockSuffix))
		wantOpenError(t, path, path, "another bookplate")
		check(t, addBook(s, newBook("Emma")))
	}
}

// If the lock file is removed and another process locks the new one first, writes are rejected until that process has
// ended.
func TestLockOfAnotherProcessRejectsWrites(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // Windows does not remove an open file
	}
	path := filepath.Join(t.TempDir(), "bookplate.db")
	s, other := openAt(t, path), &file{path: path}
	check(t, s.write(t.Context(), func(*statements) error { // the file is not checked during a write
		return errors.Join(os.Remove(path+lockSuffix), other.tryLock())
	}))
	wantCode(t, addBook(s, newBook("Emma")), models.Unavailable)
	wantCode(t, s.Ping(t.Context()), models.Unavailable)
	check(t, other.unlock())
	check(t, os.Remove(path+lockSuffix))
	check(t, addBook(s, newBook("Emma")))
}
