package tests

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"bookplate/storage/storagetest"
)

func TestMongoDBOutage(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	mongo := storagetest.NewFerret(t)
	s := startServer(t, "DATABASE_URL="+mongo.URL()+"library")
	s.eventuallyReady()
	ada := s.signedIn("ada@example.com")
	b := s.addBook(ada.Token, "Emma")

	mongo.Stop(t)
	var all sync.WaitGroup
	for _, r := range []request{
		get("/books/", ada.Token), newBook(ada.Token, "Sanditon"), signUp("grace@example.com"), login("ada@example.com"),
	} {
		all.Go(func() { s.wantUnavailable(r) })
	}
	all.Wait()
	s.wantNotReady(mongo)

	mongo.Start(t)
	s.eventuallyReady()
	if got := s.books(ada.Token); len(got) != 1 || got[0] != b {
		t.Errorf("after the outage: %+v, want %+v", got, b)
	}
	s.addBook(ada.Token, "Sanditon")
}

func TestStartBeforeMongoDB(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	mongo := storagetest.NewFerret(t)
	mongo.Stop(t)
	s := startServer(t, "DATABASE_URL="+mongo.URL()+"library")
	s.wantNotReady(mongo)
	s.wantNotReady(mongo)
	s.wantUnavailable(login("ada@example.com"))
	s.eventually("the log says what the server waits for", func() bool {
		return strings.Contains(s.stdout.String(), "bookplate is waiting for MongoDB")
	})
	if log := s.stdout.String(); strings.Contains(log, "bookplate is ready") || strings.Count(log, `msg="not ready"`) != 1 {
		t.Errorf("want no word of being ready, and one line for all probes:\n%s", log)
	}

	mongo.Start(t)
	s.eventuallyReady()
	s.eventually("the log says that the server is ready", func() bool {
		return strings.Contains(s.stdout.String(), `msg="ready again"`)
	})
	for line := range strings.Lines(s.stdout.String()) {
		if strings.Contains(line, "level=ERROR") && strings.Contains(line, "route=/readyz") {
			t.Errorf("a probe is logged as a failure: %s", line)
		}
	}
	ada := s.signedIn("ada@example.com")
	s.addBook(ada.Token, "Emma")
}

// wantUnavailable checks that a request is answered with 503, Retry-After and the envelope.
func (s *server) wantUnavailable(r request) {
	s.Helper()
	a, err := s.send(r)
	if err != nil || a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || !a.hasError() {
		s.Errorf("%s %s: %v: %d %v %s; want 503 with Retry-After", r.method, r.path, err, a.status, a.header, a.body)
	}
}

// wantNotReady checks that a server without its MongoDB is alive but not ready, and that the health checks say why.
func (s *server) wantNotReady(mongo *storagetest.Ferret) {
	s.Helper()
	s.do(get("/livez", ""), http.StatusOK)
	a := s.do(get("/readyz", ""), http.StatusServiceUnavailable)
	host := strings.Trim(strings.TrimPrefix(mongo.URL(), "mongodb:"), "/")
	if !strings.Contains(a.body, "MongoDB at "+host+" cannot be reached") || a.header.Get("Retry-After") == "" {
		s.Errorf("/readyz: %v %s", a.header, a.body)
	}
	if _, stderr, code := s.run("healthcheck"); code != 1 || !strings.Contains(stderr, "503") {
		s.Errorf("healthcheck: exit code %d, %s", code, stderr)
	}
}

// The password in DATABASE_URL is in no answer, log or command output.
func TestDatabasePasswordIsHidden(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	const secret = "hunter2-of-the-database"
	s := startServer(t, "DATABASE_URL=mongodb://bookplate:"+secret+"@"+freeAddr()+"/library")
	a := s.do(get("/readyz", ""), http.StatusServiceUnavailable)
	s.eventually("the log has the error", func() bool { return strings.Contains(s.stdout.String(), "waiting for MongoDB") })
	config, _, _ := s.run("config")
	if output := a.body + s.stdout.String() + s.stderr.String() + config; strings.Contains(output, secret) {
		t.Errorf("the output has the password:\n%s", output)
	}
}
