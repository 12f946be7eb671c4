// Package mongo stores a library in MongoDB. Any number of copies of the server can share it. Every write changes one
// document, so only an atomic batch needs a transaction, and a standalone server is enough for everything else. On a sharded
// cluster the collections must stay unsharded, because MongoDB guarantees uniqueness across shards only for the shard key.
//
// The package can use a database of the tutorial as it is: see legacy.go.
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
	keyedName     = "keyed_requests"
	stateName     = "state"

	sourceAnswersName = "source_answers"
	importsName       = "imports"
	importBatchesName = "import_batches"
)

// Store is a database with a library in it, on one or more MongoDB servers.
type Store struct {
	client   *client.Client
	db       *driver.Database // the database of client
	log      *slog.Logger
	notReady atomic.Pointer[notReady] // nil once calls can be made

	target     bool         // whether the store may be an unfinished copy
	coverMark  string       // set before calls can be made
	joins      atomic.Bool  // whether the server has $lookup
	preparing  atomic.Bool  // true while old books lack keys
	prepared   atomic.Int64 // the number of documents that got keys meanwhile
	duplicates sync.Map     // the _ids of the duplicates that have been logged

	stop    context.CancelFunc // ends the work in the background
	stopped chan struct{}      // closed when this work has ended
}

var _ models.Store = (*Store)(nil)

// Open connects to the database in a MongoDB URL, by default "bookplate". It fails only if the URL is invalid. If the
// server is not reachable, the store keeps trying in the background until Close, and every call returns Unavailable
// meanwhile; so it does while the database is an unfinished copy. Cancelling ctx ends only Open itself and not the attempts in the background.
func Open(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	return openStore(ctx, url, log, false)
}

// OpenTarget is like Open, but the store can be an unfinished copy.
func OpenTarget(ctx context.Context, url string, log *slog.Logger) (*Store, error) {
	return openStore(ctx, url, log, true)
}

func openStore(ctx context.Context, url string, log *slog.Logger, target bool) (*Store, error) {
	s, err := connect(url, log)
	if err != nil {
		return nil, err
	}
	s.target = target
	s.startPreparing(ctx)
	return s, nil
}

// connect returns a store whose database is not prepared yet.
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

// Users returns the accounts.
func (s *Store) Users() models.Users { return users{s, s.db.Collection(usersName)} }

// Books returns the books.
func (s *Store) Books() models.Books { return books{s, s.db.Collection(booksName)} }

// Trash returns the store of books in the trash.
func (s *Store) Trash() models.Trash { return trash{s, books{s, s.db.Collection(booksName)}} }

// Sessions returns the sessions.
func (s *Store) Sessions() models.Sessions {
	return sessions{s, s.db.Collection(sessionsName), users{s, s.db.Collection(usersName)}}
}

// OneTimeTokens returns the tokens of links.
func (s *Store) OneTimeTokens() models.OneTimeTokens { return tokens{s, s.db.Collection(tokensName)} }

// Shelves returns the users' shelves.
func (s *Store) Shelves() models.Shelves { return s.shelves() }

func (s *Store) shelves() shelves {
	return shelves{s, s.db.Collection(shelvesName), books{s, s.db.Collection(booksName)}}
}

// Readings returns the store of reading records.
func (s *Store) Readings() models.Readings { return s.readings() }

func (s *Store) readings() readings {
	return readings{
		s, s.db.Collection(readingsName), s.db.Collection(goalsName), books{s, s.db.Collection(booksName)},
	}
}

// Loans returns the loans.
func (s *Store) Loans() models.Loans { return s.loans() }

func (s *Store) loans() loans {
	return loans{s, s.db.Collection(loansName), books{s, s.db.Collection(booksName)}}
}

// Throttles returns the tallies of rate limits.
func (s *Store) Throttles() models.Throttles { return throttles{s, s.db.Collection(throttlesName)} }

// Audit returns the audit log.
func (s *Store) Audit() models.Audit { return audit{s, s.db.Collection(auditName)} }

// Leases returns the leases.
func (s *Store) Leases() models.Leases { return leases{s, s.db.Collection(leasesName)} }

// KeyedRequests returns the store of requests with an Idempotency-Key.
func (s *Store) KeyedRequests() models.KeyedRequests { return keyed{s, s.db.Collection(keyedName)} }

// SourceAnswers returns the store of the metadata sources' answers about ISBNs.
func (s *Store) SourceAnswers() models.SourceAnswers {
	return sourceAnswers{s, s.db.Collection(sourceAnswersName)}
}

// Records returns all that the store has stored.
func (s *Store) Records() models.Records { return records{s} }

// Imports returns the imports of files.
func (s *Store) Imports() models.Imports {
	return imports{s, s.db.Collection(importsName), s.db.Collection(importBatchesName)}
}

// Name returns "MongoDB".
func (s *Store) Name() string { return "MongoDB" }

// Ping pings the primary server. The Detail of its error says what is wrong and names the hosts, but not the user or
// the password.
func (s *Store) Ping(ctx context.Context) error {
	err := s.do(func() error { return s.client.Ping(ctx) })
	if errors.Is(err, errPreparing) {
		if unreachable := client.Translate(s.client.Ping(ctx)); unreachable != nil {
			return s.client.Explain(unreachable)
		}
		return s.client.Describe(err, "is being prepared")
	}
	if errors.Is(err, models.ErrUnfinishedCopy) {
		return s.client.Describe(err, "has an unfinished copy of another database")
	}
	return s.client.Explain(err)
}

// Close closes the connections. Running calls have a short time to finish.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	return client.Translate(s.client.Close())
}

// do makes calls to the server and translates their error. If the database is not ready, do returns Unavailable
// instead.
func (s *Store) do(calls func() error) error {
	if reason := s.notReady.Load(); reason != nil {
		return &models.Error{Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: reason}
	}
	return client.Translate(calls())
}

// maxTries is the largest number of attempts at a write. An attempt fails only if a concurrent write of the same
// document succeeds. There are fewer concurrent writes than that, because only some 500 log-ins can wait for the hash
// of a password at a time.
const maxTries = 1000

var errContended = &models.Error{
	Code: models.Unavailable, RetryAfter: client.RetryAfter, Err: errors.New("too many changes of one document at once"),
}

// writeOne calls write, which writes the document that filter finds. Some servers do not find a document that another
// call is changing. So if write returns NotFound although the document can be read, writeOne calls write again.
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

// conflict checks whether a change failed because another document has one of its unique values. If so, it returns
// Conflict, and otherwise err. Some servers do not report such a duplicate with the usual error code.
func (s *Store) conflict(ctx context.Context, coll *driver.Collection, id any, set bson.M, err error) error {
	if err == nil || models.CodeOf(err) != models.Internal {
		return err
	}
	var taken bson.A
	for _, field := range []string{emailKey, usernameKey, titleKey, slotKey} {
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

// deleteMany deletes the documents that filter finds and returns how many there were.
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

// milliseconds returns a time with the precision of MongoDB.
func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
