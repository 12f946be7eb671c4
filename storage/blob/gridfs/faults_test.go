package gridfs

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"bookplate/models"
	"bookplate/storage/storagetest"
)

// noServer is the query of a URL for tests without a server. Calls fail after 200 ms if there is no server. If a server
// runs, it may be slow.
const noServer = "?serverSelectionTimeoutMS=200&timeoutMS=300000"

// everyCall calls every method and returns the errors by name.
func everyCall(t *testing.T, s *Store, key string) map[string]error {
	t.Helper()
	errs := map[string]error{
		"Ping": s.Ping(t.Context()),
		"Put":  s.Put(t.Context(), key, []byte("picture")),
	}
	_, errs["Open"] = s.Open(t.Context(), key)
	for _, err := range s.List(t.Context()) {
		errs["List"] = err
	}
	errs["Delete"] = s.Delete(t.Context(), key)
	return errs
}

func wantUnavailable(t *testing.T, errs map[string]error) {
	t.Helper()
	for call, err := range errs {
		e, ok := errors.AsType[*models.Error](err)
		if !ok || e.Code != models.Unavailable || e.RetryAfter <= 0 {
			t.Errorf("%s: got %v, want Unavailable with a RetryAfter", call, err)
		}
	}
}

func TestServerStopsAndStarts(t *testing.T) {
	t.Parallel() // it mostly waits for time budgets
	ferret := storagetest.NewFerret(t)
	ferret.Stop(t)
	s := open(t, ferret.URL()+noServer)
	defer s.Close() //nolint:errcheck // the test ignores this error
	for _, key := range []string{"a.jpg", "b.jpg"} {
		wantUnavailable(t, everyCall(t, s, key))
		ping, _ := errors.AsType[*models.Error](s.Ping(t.Context()))
		host := strings.Trim(strings.TrimPrefix(ferret.URL(), "mongodb://"), "/")
		if want := "MongoDB at " + host + " cannot be reached"; ping.Detail != want {
			t.Errorf("ping: %v, want %s", ping.Detail, want)
		}
		ferret.Start(t)
		for s.Ping(t.Context()) != nil {
			time.Sleep(20 * time.Millisecond)
		}
		for call, err := range everyCall(t, s, key) {
			if err != nil {
				t.Errorf("%s, after the server has started: %v", call, err)
			}
		}
		ferret.Stop(t)
	}
}

func TestServerDoesNotAnswer(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it never accepts a connection
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // the test ignores this error
	s := open(t, "mongodb://"+silent.Addr().String()+"/?serverSelectionTimeoutMS=200&connectTimeoutMS=200&timeoutMS=1000")
	defer s.Close() //nolint:errcheck // the test ignores this error
	wantUnavailable(t, everyCall(t, s, "a.jpg"))
}

func TestInvalidURL(t *testing.T) {
	if _, err := Open("mongodb://localhost:port"); err == nil || !strings.Contains(err.Error(), "port") {
		t.Errorf("got %v, want an error that says what is wrong", err)
	}
}
