//go:build linux || darwin

// On Windows, a test can neither make a small disk nor limit a running process.

package tests

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// disk is a folder for data that a test can make full.
type disk struct {
	name    string
	folder  string
	fill    func(t *testing.T, s *server)
	free    func(t *testing.T, s *server)
	deletes bool // whether removing a file frees space
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, d := range disks(t) {
		t.Run(d.name, func(t *testing.T) { testFullDisk(t, d) })
	}
}

func testFullDisk(t *testing.T, d disk) {
	s := startServer(t, "DATA_DIR="+d.folder)
	ada := s.signedIn("ada@example.com")
	known := map[string]book{}
	for i := range 5 {
		b := s.addBook(ada.Token, fmt.Sprintf("Before %d", i))
		known[b.ID] = b
	}
	s.do(get("/readyz", ""), http.StatusOK)
	d.fill(t, s)
	wantRejected(s, s.notReady())
	fillUp(s, ada.Token, known)
	wantRejectedWrites(s, ada.Token, known)
	if d.deletes {
		wantDeletions(s, ada.Token, known)
	}
	wantRejected(s, s.notReady())
	wantReads(s, ada.Token, known)

	d.free(t, s)
	s.do(get("/readyz", ""), http.StatusOK)
	b := s.addBook(ada.Token, "Room again") // the server was not restarted
	known[b.ID] = b
	s.do(login("ada@example.com"), http.StatusOK)

	s.restart()
	wantReads(s, ada.Token, known)
	s.kill()
	wantIntact(t, filepath.Join(d.folder, "bookplate.db"))
}

// fillUp adds books until one is rejected. The first books may still fit into the write-ahead log.
func fillUp(s *server, token string, known map[string]book) {
	s.Helper()
	for i := 0; ; i++ {
		a, err := s.send(newBook(token, fmt.Sprintf("Into the last corner %d", i)))
		if err != nil || i == 10_000 {
			s.Fatalf("book %d: %v", i, err)
		}
		if a.status != http.StatusCreated {
			wantRejected(s, a)
			return
		}
		b := data[book](s, a)
		known[b.ID] = b
	}
}

// wantRejectedWrites tries every kind of write. A small write may still succeed. In that case, it is recorded in known.
func wantRejectedWrites(s *server, token string, known map[string]book) {
	s.Helper()
	refused := 0
	try := func(r request) (done bool, a answer) {
		a, err := s.send(r)
		if err != nil {
			s.Fatalf("%s %s: %v", r.method, r.path, err)
		}
		if a.status < 300 {
			return true, a
		}
		refused++
		wantRejected(s, a)
		return false, a
	}
	long := strings.Repeat("So long that it needs a page of its own. ", 100)
	for id := range known {
		if done, a := try(withForm("PUT", "/books/"+id, token, picture, "description", long)); done {
			known[id] = data[book](s, a)
		}
		if done, a := try(withForm("PUT", "/books/"+id, token, "", "title", "Renamed "+id)); done {
			known[id] = data[book](s, a)
		}
	}
	if done, _ := try(importOf(token, manyBooks())); done {
		s.Error("a file was received")
	}
	try(signUp("grace@example.com"))
	try(login("ada@example.com"))
	if refused == 0 {
		s.Error("no write was rejected")
	}
}

// wantDeletions deletes all books except one. It deletes the cover of each book before the book.
func wantDeletions(s *server, token string, known map[string]book) {
	s.Helper()
	for id := range known {
		if len(known) == 1 {
			break
		}
		s.do(request{method: "DELETE", path: "/books/" + id + "/cover", token: token}, http.StatusNoContent)
		s.do(request{method: "DELETE", path: "/books/" + id, token: token}, http.StatusNoContent)
		delete(known, id)
	}
}

// notReady returns the answer of /readyz, which must be an error.
func (s *server) notReady() answer {
	s.Helper()
	a, err := s.send(get("/readyz", ""))
	if err != nil || a.status == http.StatusOK {
		s.Errorf("/readyz: status %d, error %v", a.status, err)
	}
	return a
}

// wantRejected checks that an answer is 507, or 503 with Retry-After, in the envelope.
func wantRejected(s *server, a answer) {
	s.Helper()
	retry := a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != ""
	if !retry && a.status != http.StatusInsufficientStorage || !a.hasError() {
		s.Errorf("status %d, headers %v: %s; want 507, or 503 with Retry-After, in the envelope", a.status, a.header, a.body)
	}
}

// wantReads checks that the list has exactly the known books, that each book can be read, that the covers open, and that the
// library can be exported.
func wantReads(s *server, token string, known map[string]book) {
	s.Helper()
	listed := s.books(token)
	if len(listed) != len(known) {
		s.Errorf("%d books are listed, want %d", len(listed), len(known))
	}
	for _, b := range listed {
		if b != known[b.ID] {
			s.Errorf("listed %+v\nwant   %+v", b, known[b.ID])
		}
		if got := data[book](s, s.do(get("/books/"+b.ID, token), http.StatusOK)); got != b {
			s.Errorf("listed %+v\ngot    %+v", b, got)
		}
		s.wantCover(b)
	}
	s.do(get("/export?format=zip", token), http.StatusOK)
}
