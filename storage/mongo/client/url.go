package client

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// Budgets of a call to the server.
const (
	// CallTimeout is for the whole of a call whose context has no deadline of its own, retries and reading the answer
	// included. The slowest ordinary call, a page of books, takes milliseconds: after five seconds nothing will come.
	CallTimeout = 5 * time.Second
	// SelectionTimeout is how long a call waits for a server that takes writes. It is the smaller part of CallTimeout,
	// so that when there is none the caller hears so early, and long enough for a planned change of the primary.
	SelectionTimeout = 3 * time.Second
)

const defaultDatabase = "bookplate"

// parse reads a MongoDB URL. Its options override the budgets, not what the stores' promises rest on: every write is
// acknowledged by a majority, every read asks the primary. Writes are retried once by default.
func parse(rawURL string) (opts *options.ClientOptions, database string, err error) {
	opts = options.Client().
		SetAppName("bookplate").
		SetTimeout(CallTimeout).
		SetServerSelectionTimeout(SelectionTimeout).
		ApplyURI(rawURL).
		SetWriteConcern(writeconcern.Majority()).
		SetReadPreference(readpref.Primary())
	if err := opts.Validate(); err != nil {
		return nil, "", explainURL(rawURL, err)
	}
	database, err = databaseOf(rawURL)
	return opts, database, err
}

// databaseOf is the database that a valid URL names.
func databaseOf(rawURL string) (string, error) {
	_, rest, _ := strings.Cut(rawURL, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, name, _ := strings.Cut(rest, "/")
	name, err := url.QueryUnescape(name)
	// What a server refuses by the manual's "Naming Restrictions", and would refuse call by call.
	if err != nil || strings.ContainsAny(name, "/\\. \"$\x00") || len(name) > 63 {
		return "", fmt.Errorf("%q cannot be the name of a MongoDB database", name)
	}
	return cmp.Or(name, defaultDatabase), nil
}

// explainURL says what is wrong with a URL without repeating a user name or a password: the driver's message may quote
// any part of the URL, so it is asked again about one that has neither.
func explainURL(rawURL string, err error) error {
	if i := strings.LastIndexByte(rawURL, '@'); i >= 0 {
		scheme, _, _ := strings.Cut(rawURL, "://")
		err = options.Client().ApplyURI(scheme + "://" + rawURL[i+1:]).Validate()
		if err == nil {
			err = errors.New("in its user name or password, write @ as %40, : as %3A, / as %2F, % as %25")
		}
	}
	return fmt.Errorf("not a MongoDB URL such as mongodb://host:27017/bookplate: %w", err)
}
