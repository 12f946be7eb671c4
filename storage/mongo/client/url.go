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

// Timeouts of a call to the server.
const (
	// CallTimeout limits a call whose context has no deadline. It includes retries and reading the answer. An ordinary
	// call takes milliseconds.
	CallTimeout = 5 * time.Second
	// SelectionTimeout limits how long a call waits for a primary server. It is shorter than CallTimeout, so that the
	// caller soon learns that no primary is available. It is long enough for a planned election of a new primary.
	SelectionTimeout = 3 * time.Second
)

const defaultDatabase = "bookplate"

// parse parses a MongoDB URL. The options of the URL override the timeouts.
//
// Two settings cannot be overridden, because the stores depend on them: a majority of the servers acknowledges every
// write, and every read goes to the primary. By default the driver retries a failed write once.
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

// databaseOf returns the name of the database in a valid URL, or the default if there is none.
func databaseOf(rawURL string) (string, error) {
	_, rest, _ := strings.Cut(rawURL, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, name, _ := strings.Cut(rest, "/")
	name, err := url.QueryUnescape(name)
	// These are the "Naming Restrictions" of MongoDB's manual. The server itself would report an invalid name only at
	// the first call.
	if err != nil || strings.ContainsAny(name, "/\\. \"$\x00") || len(name) > 63 {
		return "", fmt.Errorf("%q is not a valid name of a MongoDB database", name)
	}
	return cmp.Or(name, defaultDatabase), nil
}

// explainURL returns an error that says what is wrong with a URL, without the user name and the password. The driver's
// message may quote any part of the URL. So explainURL removes both from the URL and validates it again.
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
