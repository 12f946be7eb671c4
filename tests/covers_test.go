package tests

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bookplate/storage/storagetest"
)

// orphan is the key of a picture that no book names.
const orphan = "0123456789abcdef0123456789abcdef-150.jpg"

// pictureFile is where the server keeps a book's thumbnail.
func (s *server) pictureFile(b book) string {
	return filepath.Join(s.folder, "data", "covers", filepath.Base(b.ImageURL))
}

// addOrphan puts a picture that no book names beside the covers, as old as said.
func (s *server) addOrphan(age time.Duration) (path string) {
	s.Helper()
	path = filepath.Join(s.folder, "data", "covers", orphan)
	at := time.Now().Add(-age)
	if err := errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at)); err != nil {
		s.Fatal(err)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestCoversCheck(t *testing.T) {
	s := startServer(t)
	token := s.signedIn("ada@example.com").Token
	b := s.addBook(token, "Emma")
	s.addBook(token, "Persuasion")
	if _, stderr, code := s.run("covers", "check"); code != 1 || !strings.Contains(stderr, "DATABASE_URL") {
		t.Errorf("beside the server that has the database: exit code %d, %s", code, stderr)
	}
	s.kill()
	wantReport := func(args []string, wantCode int, want string) {
		t.Helper()
		stdout, stderr, code := s.run(append([]string{"covers", "check"}, args...)...)
		if code != wantCode || stdout != want || (code != 0) != strings.Contains(stderr, "pictures are missing") {
			t.Errorf("%v: exit code %d, stderr %q, stdout:\n%swant:\n%s", args, code, stderr, stdout, want)
		}
	}
	wantReport(nil, 0, "2 covers of books; 0 pictures missing, 0 orphaned\n")

	path := s.addOrphan(30 * time.Minute) // perhaps of a book that is being added
	wantReport([]string{"--repair"}, 0, "2 covers of books; 0 pictures missing, 0 orphaned\n0 orphaned pictures were removed\n")
	s.addOrphan(2 * time.Hour)
	const orphaned = "orphaned: " + orphan + "\n2 covers of books; 0 pictures missing, 1 orphaned\n"
	wantReport(nil, 0, orphaned)
	if !exists(path) {
		t.Error("a check alone has removed the orphan")
	}
	wantReport([]string{"--repair"}, 0, orphaned+"1 orphaned pictures were removed\n")
	if exists(path) {
		t.Error("the orphan is still there")
	}

	if err := os.Remove(s.pictureFile(b)); err != nil {
		t.Fatal(err)
	}
	wantReport(nil, 1, "missing:  "+filepath.Base(b.ImageURL)+"\n2 covers of books; 1 pictures missing, 0 orphaned\n")
}

// What a crash has left behind is gone once the server has started.
func TestStartSweepsCovers(t *testing.T) {
	s := newServer(t)
	if err := os.MkdirAll(filepath.Join(s.folder, "data", "covers"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := s.addOrphan(2 * time.Hour)
	s.start()
	s.eventually("the orphan is removed", func() bool { return !exists(path) })
}

// Of two copies on one database, one sweeps; the other leaves it the hour.
func TestOneOfTwoCopiesSweeps(t *testing.T) {
	url := storagetest.MongoURL(t)
	db := rawMongo(t, url)
	addOrphan := func() {
		insertRaw(t, db, "covers.files", document{
			"_id": orphan, "filename": orphan, "length": int64(1), "chunkSize": int32(255 << 10),
			"uploadDate": time.Now().Add(-2 * time.Hour),
		})
	}
	orphans := func() int64 {
		n, err := db.Collection("covers.files").CountDocuments(t.Context(), document{"_id": orphan})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	addOrphan()
	one := startServer(t, "DATABASE_URL="+url, "SECRET_KEY="+sharedSecret)
	one.eventually("the orphan is removed", func() bool { return orphans() == 0 })
	addOrphan()
	other := startServer(t, "DATABASE_URL="+url, "SECRET_KEY="+sharedSecret)
	other.eventuallyReady()
	other.signedIn("ada@example.com") // by now it would have swept
	if orphans() != 1 || strings.Contains(other.stdout.String(), "no book names") {
		t.Error("both copies have swept")
	}
}
