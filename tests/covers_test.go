package tests

import (
	"fmt"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"bookplate/storage/storagetest"
)

// report returns the last line that the command "covers check" prints.
func report(books, missing, damaged, orphaned int) string {
	return fmt.Sprintf("books with a cover: %d, pictures missing: %d, damaged: %d, orphaned: %d\n",
		books, missing, damaged, orphaned)
}

// wantReport runs the command "covers check" and checks its output. The command must fail if pictures are missing or
// damaged.
func (s *server) wantReport(want string, args ...string) {
	s.Helper()
	stdout, stderr, code := s.run(append([]string{"covers", "check"}, args...)...)
	failed := strings.Contains(want, "missing:  ") || strings.Contains(want, "damaged:  ")
	if stdout != want || (code != 0) != failed || failed != strings.Contains(stderr, "pictures are missing") {
		s.Errorf("%v: exit code %d, stderr %q, stdout:\n%swant:\n%s", args, code, stderr, stdout, want)
	}
}

func TestCoversCheck(t *testing.T) {
	t.Parallel()
	eachPictures(t, func(s *server, kept pictures) {
		s.start()
		s.eventuallyReady()
		token := s.signedIn("ada@example.com").Token
		b := s.addBook(token, "Emma")
		s.addBook(token, "Persuasion")
		s.kill()
		s.wantReport(report(2, 0, 0, 0))

		kept.add(orphan, 30*time.Minute) // recent, so it may belong to a book that is being added
		s.wantReport(report(2, 0, 0, 0)+"orphaned pictures removed: 0\n", "--repair")
		kept.remove(orphan)
		kept.add(orphan, 2*time.Hour)
		orphaned := "orphaned: " + orphan + "\n" + report(2, 0, 0, 1)
		s.wantReport(orphaned)
		if !kept.has(orphan) {
			s.Error("a check without --repair removed the orphan")
		}
		s.wantReport(orphaned+"orphaned pictures removed: 1\n", "--repair")
		if kept.has(orphan) {
			s.Error("the orphan is still there")
		}

		thumbnail := path.Base(b.ImageURL)
		kept.remove(thumbnail)
		s.wantReport("missing:  " + thumbnail + "\n" + report(2, 1, 0, 0))
	})
}

func TestCoversCheckFindsDamage(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	b := s.addBook(s.signedIn("ada@example.com").Token, "Emma")
	empty := path.Base(b.ImageURL)
	cut := strings.TrimSuffix(empty, "150.jpg") + "300.jpg"
	for key, size := range map[string]int64{empty: 0, cut: 100} {
		if err := os.Truncate(files{s}.path(key), size); err != nil {
			t.Fatal(err)
		}
		if a := s.do(get("/static/books/"+key, ""), http.StatusNotFound); a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %s", key, a.header.Get("Cache-Control"))
		}
	}
	s.kill()
	s.wantReport("damaged:  " + empty + "\ndamaged:  " + cut + "\n" + report(1, 0, 2, 0))
}

func TestCoversCheckWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	_, stderr, code := startServer(t).run("covers", "check")
	if code != 1 || !strings.Contains(stderr, "DATABASE_URL") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestCoversInS3(t *testing.T) {
	t.Parallel()
	bucket := storagetest.NewS3(t)
	s := startServer(t, "COVERS_URL=s3://"+storagetest.S3Bucket+"?endpoint="+bucket.URL(),
		"S3_ACCESS_KEY="+storagetest.S3AccessKey, "S3_SECRET_KEY=secret")
	b := s.addBook(s.signedIn("ada@example.com").Token, "Emma")
	s.wantCover(b)
	s.kill()
	s.wantReport(report(1, 0, 0, 0))

	bucket.Stop(t)
	bucket.Start(t) // empty
	var missing strings.Builder
	for _, size := range []string{"150", "300", "600"} {
		missing.WriteString("missing:  " + strings.TrimSuffix(path.Base(b.ImageURL), "150.jpg") + size + ".jpg\n")
	}
	s.wantReport(missing.String() + report(1, 3, 0, 0))
}

// Every start removes pictures that a crash left behind, even if the last start was recent.
func TestEveryStartSweepsCovers(t *testing.T) {
	t.Parallel()
	eachPictures(t, func(s *server, kept pictures) {
		for start := range 2 {
			kept.add(orphan, 2*time.Hour)
			s.start()
			s.eventually("the sweep is over", func() bool {
				return strings.Count(s.stdout.String(), "deleted pictures without a book") == start+1
			})
			if kept.has(orphan) {
				s.Errorf("start %d: the orphan is still there", start+1)
			}
			s.kill()
		}
	})
}

// If the server starts with the wrong database, it deletes no pictures, although no book has them. It logs which
// command to run.
func TestWrongDatabaseKeepsCovers(t *testing.T) {
	t.Parallel()
	eachPictures(t, func(s *server, kept pictures) {
		keys := make([]string, 40)
		for i := range keys {
			keys[i] = fmt.Sprintf("%032x-150.jpg", i)
			kept.add(keys[i], 2*time.Hour)
		}
		s.start()
		s.eventually("the log names the command", func() bool { return strings.Contains(s.stdout.String(), "covers check --repair") })
		s.kill()
		for _, key := range keys {
			if !kept.has(key) {
				s.Errorf("%s is gone", key)
			}
		}
		stdout, stderr, code := s.run("covers", "check", "--repair")
		if code != 0 || !strings.HasSuffix(stdout, "removed: 40\n") {
			s.Errorf("repair: exit code %d, %s%s", code, stdout, stderr)
		}
	})
}
