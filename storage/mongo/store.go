// Package mongo keeps a library in MongoDB: the engine for several copies of the server side by side. Every write
// touches one document, so no transaction is needed, and a standalone server will do as well as a replica set or a
// cluster. On a cluster the collections stay unsharded: across shards MongoDB keeps no field unique but the shard key.
//
// It takes over a database of the tutorial as it is: see legacy.go.
package mongo

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"bookplate/models"
	"bookplate/storage/mongo/client"
)

// The collections. The first two are the tutorial's.
const (
	usersName     = "users"
	booksName     = "books"
	sessionsName  = "sessions"
	tokensName    = "one_time_tokens"
	shelvesName   = "shelf_books"
	readingsName  = "readings"
	goalsName     = "reading_goals"
	loansName     = "loans"
	throttlesName = "throttles"
	auditName     = "audit"
	leasesName    = "leases"
	stateName     = "state"
)

// Store is a database with a library in it, on one or more MongoDB servers.
type Store struct {
	client   *client.Client
	db       *driver.Database // the client's
	log      *slog.Logger
	notReady atomic.Pointer[notReady] // nil once calls can be made

	coverMark  string       // set before calls can be made
	preparing  atomic.Bool  // old books have yet to get their keys
	prepared   atomic.Int64 // documents that have got theirs meanwhile
	duplicates sync.Map     // _ids of the old documents that the log has named

	stop    context.CancelFunc // ends the work in the background
	stopped chan struct{}      // closed when it has ended
}

var _ models.Store = (*Store)(nil)

// Open connects to the database that a MongoDB URL names, "bookplate" if it names none. It fails only if the URL is
// wrong. A server that is not there is waited for in the background, for as long as it takes; until then every call
// returns Unavailable. Close ends the waiting, ctx only Open's own.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	s, err := connect(url, log)
	if err != nil {
		return nil, err
	}
	s.startPreparing(ctx)
	return s, nil
}

// connect returns a store that is not prepared.
func connect(url string, log *slog.Logger) (*Store, error) {
	c, err := client.Connect(url)
	if err != nil {
		return nil, err
	}
	s := &Store{
		client:  c,
		db:      c.Database,
		log:     log,
		stopped: make(chan struct{}),
	}
	s.notReady.Store(&notReady{errPreparing})
	return s, nil
}

// Users keeps the accounts.
func (s *Store) Users() models.Users { return users{s, s.db.Collection(usersName)} }

// Books keeps the books.
func (s *Store) Books() models.Books { return books{s, s.db.Collection(booksName)} }

// Sessions keeps the log-ins.
func (s *Store) Sessions() models.Sessions {
	return sessions{s, s.db.Collection(sessionsName), users{s, s.db.Collection(usersName)}}
}

// OneTimeTokens keeps the tokens that were sent by mail.
func (s *Store) OneTimeTokens() models.OneTimeTokens { return tokens{s, s.db.Collection(tokensName)} }

// Shelves keeps which books are on whose shelves.
func (s *Store) Shelves() models.Shelves {
	return shelves{s, s.db.Collection(shelvesName), books{s, s.db.Collection(booksName)}}
}

// Readings keeps what users record about their reading.
func (s *Store) Readings() models.Readings {
	return readings{
		s, s.db.Collection(readingsName), s.db.Collection(goalsName), books{s, s.db.Collection(booksName)},
	}
}

// Loans keeps the loans.
func (s *Store) Loans() models.Loans {
	return loans{s, s.db.Collection(loansName), books{s, s.db.Collection(booksName)}}
}

// Throttles keeps the tallies of what is limited.
func (s *Store) Throttles() models.Throttles { return throttles{s, s.db.Collection(throttlesName)} }

// Audit keeps the audit log.
func (s *Store) Audit() models.Audit { return audit{s, s.db.Collection(auditName)} }

// Leases keeps the leases.
func (s *Store) Leases() models.Leases { return leases{s, s.db.Collection(leasesName)} }

// Name is the engine's.
func (s *Store) Name() string { return "MongoDB" }

// Ping asks the server that takes the writes. The Detail of its error says what is wrong and names the hosts, not the
// user or the password.
func (s *Store) Ping(ctx context.Context) error {
	err := s.do(func() error { return s.client.Ping(ctx) })
	if errors.Is(err, errPreparing) {
		return s.client.Describe(err, "is being prepared")
	}
	return s.client.Explain(err)
}

// Close ends the connections. Calls that still run have a moment to finish.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	return client.Translate(s.client.Close())
}

// do makes calls to the server, once the database is ready for them, and translates their error.
func (s *Store) do(calls func() error) error {
	if reason := s.notReady.Load(); reason != nil {
		return &models.Error{Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: reason}
	}
	return client.Translate(calls())
}

// maxTries bounds how often a write begins anew because another one came first. Each time one of those that compete gets
// through, and there are never more of them than log-ins whose password is being hashed.
const maxTries = 1000

var errContended = &models.Error{
	Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: errors.New("too many changes of one document at once"),
}

// writeOne makes a write of the document that filter finds, and makes it again if it was NotFound while a read finds the
// document: a server may miss a document that another call changes at the same time.
func (s *Store) writeOne(ctx context.Context, coll *driver.Collection, filter bson.M, write func() error) error {
	for range maxTries {
		if err := write(); models.CodeOf(err) != models.NotFound {
			return err
		}
		if err := s.do(func() error { return coll.FindOne(ctx, filter).Err() }); err != nil {
			return err
		}
	}
	return errContended
}

// conflict returns the error of a change as a Conflict if another document has one of the unique values that the change
// sets: not every server reports a duplicate of findAndModify by the code of one.
func (s *Store) conflict(ctx context.Context, coll *driver.Collection, id any, set bson.M, err error) error {
	if err == nil || models.CodeOf(err) != models.Internal {
		return err
	}
	var taken bson.A
	for _, field := range []string{emailKey, usernameKey, titleKey} {
		if value, ok := set[field]; ok {
			taken = append(taken, bson.M{field: value})
		}
	}
	if len(taken) == 0 {
		return err
	}
	other := bson.M{"_id": bson.M{"$ne": id}, "$or": taken}
	if s.do(func() error { return coll.FindOne(ctx, other).Err() }) != nil {
		return err
	}
	return &models.Error{Code: models.Conflict, Err: err}
}

// deleteMany removes the documents that filter finds and says how many there were.
func (s *Store) deleteMany(ctx context.Context, coll *driver.Collection, filter bson.M) (n int64, err error) {
	err = s.do(func() error {
		res, err := coll.DeleteMany(ctx, filter)
		if err == nil {
			n = res.DeletedCount
		}
		return err
	})
	return n, err
}

// milliseconds is a time as MongoDB keeps it.
func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
