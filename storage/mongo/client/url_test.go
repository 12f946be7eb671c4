package client

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

func TestParse(t *testing.T) {
	for url, want := range map[string]string{
		"mongodb://localhost":                               "bookplate",
		"mongodb://localhost:27017/":                        "bookplate",
		"mongodb://localhost:27017/?tls=true":               "bookplate",
		"mongodb://a:27017,b:27018/myDatabase?replicaSet=r": "myDatabase",
		"mongodb://ada:p%40ss%2F@localhost/my%2Ddb":         "my-db",
	} {
		if _, database, err := parse(url); err != nil || database != want {
			t.Errorf("%s: got %q, %v; want %q", url, database, err, want)
		}
	}
}

func TestParseKeepsConcerns(t *testing.T) {
	opts, _, err := parse("mongodb://localhost/?w=0&readPreference=secondary&timeoutMS=700&appName=mine")
	if err != nil {
		t.Fatal(err)
	}
	if opts.WriteConcern.W != writeconcern.Majority().W || opts.ReadPreference.Mode() != readpref.PrimaryMode {
		t.Errorf("the URL overrides the write concern or the read preference: %+v, %v", opts.WriteConcern, opts.ReadPreference)
	}
	if *opts.Timeout != 700*time.Millisecond || *opts.AppName != "mine" || *opts.ServerSelectionTimeout != SelectionTimeout {
		t.Errorf("got %v, %s, %v", *opts.Timeout, *opts.AppName, *opts.ServerSelectionTimeout)
	}
}

func TestInvalidURL(t *testing.T) {
	for url, want := range map[string]string{
		"":                                "scheme",
		"sqlite:data/bookplate.db":        "scheme",
		"http://ada:Secret%211@localhost": "scheme",
		"mongodb://":                      "host",
		"mongodb://localhost:port":        "port",
		"mongodb://ada:Secret%211@localhost:99999":        "port",
		"mongodb://localhost/?w=majority&w":               "option",
		"mongodb://ada:Secret%211@localhost/?timeoutMS=x": "timeoutMS",
		"mongodb://ada:Secret/1@localhost/":               "%2F",
		"mongodb://ada:Secret%zz@localhost/":              "%25",
		"mongodb://ada:Secret@1:2@localhost/":             "%40",
		"mongodb://ada:Secret%211@localhost/a.b":          `"a.b"`,
		"mongodb://localhost/" + strings.Repeat("x", 64):  "database",
	} {
		c, err := Connect(url)
		if err == nil {
			t.Errorf("%s: accepted as %v", url, c.Hosts)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Secret") || strings.Contains(err.Error(), "ada") {
			t.Errorf("%s: got %q, want it to contain %q, and neither user name nor password", url, err, want)
		}
	}
}

// WithTimeout also respects the option timeoutMS. The value 0 means no limit.
func TestWithTimeout(t *testing.T) {
	for url, want := range map[string]time.Duration{
		"mongodb://localhost":                  CallTimeout,
		"mongodb://localhost/?timeoutMS=60000": time.Minute,
		"mongodb://localhost/?timeoutMS=0":     0,
	} {
		c, err := Connect(url)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := c.WithTimeout(t.Context())
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); ok != (want > 0) || ok && (left > want || left < want-CallTimeout) {
			t.Errorf("%s: the deadline is in %v, want %v", url, left, want)
		}
		cancel()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
