package tests

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bookplate/storage/storagetest"
)

// A library moves from SQLite to MongoDB and back. Tokens stay valid, and books and covers stay the same.
func TestCopyCommand(t *testing.T) {
	t.Parallel()
	s := startServer(t, "SECRET_KEY="+sharedSecret)
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Emma")
	from, mongo := "sqlite:data/bookplate.db", storagetest.MongoURL(t)

	if _, stderr, code := s.run("copy", "--from", from, "--to", mongo); code != 1 || !strings.Contains(stderr, "in use") {
		t.Errorf("while the server runs: exit code %d, stderr %q", code, stderr)
	}
	s.kill()
	stdout := s.copies("--from", from, "--to", mongo)
	if !strings.Contains(stdout, "books            1  ") || !strings.Contains(stdout, "covers           3  ") {
		t.Errorf("the output has no counts:\n%s", stdout)
	}
	s.settings = append(s.settings, "DATABASE_URL="+mongo)
	s.start()
	s.wantLibrary(ada, b)

	s.kill()
	back := s.copies("--from", mongo, "--to", "sqlite:back/bookplate.db")
	for _, name := range []string{"users", "books", "sessions", "covers"} {
		if lineOf(back, name) != lineOf(stdout, name) {
			t.Errorf("there %q, back %q", lineOf(stdout, name), lineOf(back, name))
		}
	}
	s.settings = append(s.settings, "DATABASE_URL=", "DATA_DIR=back")
	s.start()
	s.wantLibrary(ada, b)
	s.do(login(ada.Email), http.StatusOK)
}

// copies runs bookplate copy, which must succeed.
func (s *server) copies(args ...string) (stdout string) {
	s.Helper()
	stdout, stderr, code := s.run(append([]string{"copy"}, args...)...)
	if code != 0 {
		s.Fatalf("copy %v: exit code %d, %s", args, code, stderr)
	}
	return stdout
}

// lineOf returns the line of a table that begins with a word.
func lineOf(table, word string) string {
	_, rest, _ := strings.Cut("\n"+table, "\n"+word+" ")
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

// wantLibrary checks that the token of an account is valid, and that the account has one book, with its cover.
func (s *server) wantLibrary(u user, b book) {
	s.Helper()
	if got := s.books(u.Token); len(got) != 1 || got[0] != b {
		s.Errorf("listed %+v, want %+v", got, b)
	}
	s.wantCover(b)
}

func TestCopyCommandErrors(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.signedIn("ada@example.com")
	s.kill()
	if err := os.CopyFS(filepath.Join(s.folder, "other"), os.DirFS(filepath.Join(s.folder, "data"))); err != nil {
		t.Fatal(err)
	}
	const from, unreachable = "sqlite:data/bookplate.db", "mongodb://127.0.0.1:1/books"
	for _, test := range []struct {
		name string
		args []string
		want string
		code int
	}{
		{"no target", []string{"--from", from}, `required flag(s) "to" not set`, 2},
		{"the same URL", []string{"--from", from, "--to", from}, "name the same database", 1},
		{"the same file", []string{"--from", from, "--to", "sqlite:./data/../data/bookplate.db"}, "name the same database", 1},
		{"the same covers", []string{"--from", from, "--to", "sqlite:new.db", "--covers-to", "disk:data/covers"}, "name the same place", 1},
		{"a copy of it", []string{"--from", from, "--to", "sqlite:other/bookplate.db"}, "already a complete copy", 1},
		{"no library", []string{"--from", "sqlite:none/bookplate.db", "--to", "sqlite:new.db"}, "there is no library at none/bookplate.db", 1},
		{"an unknown engine", []string{"--from", from, "--to", "mysql:books"}, `DATABASE_URL="mysql:books" (--to): want sqlite:PATH`, 1},
		{"an unreachable source", []string{"--from", unreachable, "--to", "sqlite:new.db"}, "--from: MongoDB at 127.0.0.1:1 cannot be reached", 1},
		{"an unreachable target", []string{"--from", from, "--to", unreachable}, "--to: MongoDB at 127.0.0.1:1 cannot be reached", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, code := s.run(append([]string{"copy"}, test.args...)...)
			if stdout != "" || !strings.Contains(stderr, test.want) || code != test.code {
				t.Errorf("stdout %q, stderr %q, exit code %d; want %q", stdout, stderr, code, test.want)
			}
		})
	}
}
