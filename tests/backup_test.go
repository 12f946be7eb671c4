package tests

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/storage/storagetest"
)

// A backup that is made while books are added has all books whose requests were answered before it began. It can be
// restored into an empty folder, and tokens stay valid.
func TestBackupCommand(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"", storagetest.MongoURL(t)} {
		s := startServer(t, "SECRET_KEY="+sharedSecret, "DATABASE_URL="+database)
		ada := s.signedIn("ada@example.com")
		b := s.addBook(ada.Token, "Emma")
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					_, _ = s.send(newBook(ada.Token, fmt.Sprint("Later ", i)))
				}
			}
		}()
		stdout, stderr, code := s.run("backup", "backup.zip")
		close(stop)
		<-stopped
		if code != 0 || !strings.Contains(stdout, "backup.zip has the database") {
			t.Fatalf("stdout %q, stderr %q, exit code %d", stdout, stderr, code)
		}
		s.kill()
		s.settings = append(s.settings, "DATABASE_URL=", "DATA_DIR=restored")
		stdout, stderr, code = s.run("restore", "backup.zip")
		if code != 0 || !strings.Contains(stdout, "The backup is restored") {
			t.Fatalf("stdout %q, stderr %q, exit code %d", stdout, stderr, code)
		}
		s.start()
		found := false
		for _, restored := range s.books(ada.Token) {
			found = found || restored == b
		}
		if !found {
			t.Errorf("the book %+v is missing", b)
		}
		s.wantCover(b)
		s.do(login("ada@example.com"), http.StatusOK)
	}
}

func TestBackupAndRestoreErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.signedIn("ada@example.com")
	s.succeeds("backup", "backup.zip")
	whole, err := os.ReadFile(filepath.Join(s.folder, "backup.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, "cut.zip"), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"a name that is taken", []string{"backup", "backup.zip"}, "backup.zip already exists"},
		{"a folder that does not exist", []string{"backup", "none/backup.zip"}, "the folder none does not exist"},
		{"no library", []string{"backup", "new.zip", "--data", "none"}, "there is no library at none/bookplate.db"},
		{"while the server runs", []string{"restore", "backup.zip"}, "in use by another bookplate"},
		{"a file that does not exist", []string{"restore", "none.zip", "--data", "new"}, "open none.zip: no such file"},
		{"a file that was cut off", []string{"restore", "cut.zip", "--data", "new"}, "cut.zip is not a complete backup"},
		{"another file", []string{"restore", "data/secret.key", "--data", "new"}, "secret.key is not a complete backup"},
	} {
		t.Run(test.name, func(t *testing.T) { s.fails(test.want, test.args...) })
	}
	wantNoFile(t, filepath.Join(s.folder, "new"))
	s.kill()
	s.fails("already a complete copy", "restore", "backup.zip")
	s.fails("cannot be reached", "restore", "backup.zip", "--data", "new", "DATABASE_URL=mongodb://127.0.0.1:1/books")
	s.succeeds("restore", "backup.zip", "--data", "new")
}

// succeeds runs a command of the binary.
func (s *server) succeeds(args ...string) {
	s.Helper()
	if stdout, stderr, code := s.run(args...); code != 0 {
		s.Errorf("%v: stdout %q, stderr %q, exit code %d", args, stdout, stderr, code)
	}
}

// fails runs a command of the binary, which must fail with a message. Arguments with a = are settings.
func (s *server) fails(want string, args ...string) {
	s.Helper()
	settings := s.settings
	defer func() { s.settings = settings }()
	var command []string
	for _, arg := range args {
		if strings.Contains(arg, "=") {
			s.settings = append(s.settings, arg)
		} else {
			command = append(command, arg)
		}
	}
	if stdout, stderr, code := s.run(command...); code != 1 || stdout != "" || !strings.Contains(stderr, want) {
		s.Errorf("%v: stdout %q, stderr %q, exit code %d; want %q", args, stdout, stderr, code, want)
	}
}

func wantNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("%s exists: %v", path, err)
	}
}

// With BACKUP_EVERY, the server makes a backup at its start. The log has a line about it, and /readyz says when.
func TestScheduledBackup(t *testing.T) {
	t.Parallel()
	s := startServer(t, "BACKUP_EVERY=24h")
	started := time.Now().Add(-time.Minute)
	s.eventually("a backup is made", func() bool {
		state := data[struct{ Backup *time.Time }](s, s.do(get("/readyz", ""), http.StatusOK))
		return state.Backup != nil && state.Backup.After(started) && strings.Contains(s.stdout.String(), "made a backup")
	})
	names, _ := filepath.Glob(filepath.Join(s.folder, "data", "backups", "bookplate-*Z.zip"))
	if len(names) != 1 {
		t.Errorf("backups %v, want one", names)
	}
	s.succeeds("restore", names[0], "--data", "new")
}
