package mongo

import (
	"context"
	"errors"
	"sync"
	"time"

	"bookplate/storage/mongo/client"
)

const (
	// attemptTimeout limits one attempt to prepare the database. It is long, because building the index of a large
	// collection can take minutes. The next attempt continues where this one ended.
	attemptTimeout = 10 * time.Minute
	// The shortest and the longest pause between attempts to prepare the database. Each pause is twice as long as the
	// previous one.
	minPause = 250 * time.Millisecond
	maxPause = 4 * time.Second
	// keysInterval is the time between two searches for documents without a key. Another program may store such
	// documents.
	keysInterval = time.Hour
)

// notReady is the reason why calls are rejected. Either the first attempt to prepare the database is still running, or
// the last attempt failed.
type notReady struct{ error }

func (r notReady) Unwrap() error { return r.error }

var errPreparing = errors.New("the database is being prepared")

// startPreparing starts a goroutine that prepares the database and then adds missing keys every keysInterval.
//
// startPreparing returns after the first attempt, so that the store is usually ready when Open returns. It waits for at
// most client.SelectionTimeout. If the server has not answered by then, it counts as unavailable.
func (s *Store) startPreparing(ctx context.Context) {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	first := make(chan struct{})
	attempted := sync.OnceFunc(func() { close(first) })
	go func() {
		defer close(s.stopped)
		ok := s.retry(background, func(ctx context.Context) error {
			defer attempted()
			return s.prepare(ctx)
		})
		for ok {
			ok = s.retry(background, s.addLegacyKeys) && sleep(background, keysInterval)
		}
	}()
	select {
	case <-first:
	case <-ctx.Done():
	case <-time.After(client.SelectionTimeout):
	}
}

// retry calls attempt until it succeeds. It returns false if ctx is cancelled first. It logs the first failure, and a
// success after a failure.
func (s *Store) retry(ctx context.Context, attempt func(context.Context) error) bool {
	failed := false
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		err := withTimeout(ctx, attemptTimeout, attempt)
		switch {
		case ctx.Err() != nil:
			return false
		case err == nil && failed:
			s.log.Info("MongoDB is ready", "hosts", s.client.Hosts)
			return true
		case err == nil:
			return true
		case !failed:
			s.log.Warn("waiting for MongoDB", "hosts", s.client.Hosts, "error", err)
		}
		failed = true
		if !sleep(ctx, pause) {
			return false
		}
	}
}

// withTimeout calls attempt with a context that expires after timeout.
func withTimeout(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return attempt(ctx)
}

// sleep waits for d. It returns false if ctx is cancelled first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// prepare makes one attempt to prepare the database for calls, and sets s.notReady to the result. The database may be
// new, may have been made by the tutorial, or may already be prepared.
//
// It creates the indexes first, so that the database rejects every duplicate key. Then it adds the keys of the
// tutorial's accounts, because users need the keys to log in. There are far more books, so addLegacyKeys adds their
// keys later, while calls are served.
func (s *Store) prepare(ctx context.Context) error {
	err := s.ensureIndexes(ctx)
	if err == nil {
		err = s.readState(ctx)
	}
	if err == nil {
		err = s.findJoins(ctx)
	}
	if err == nil && s.preparing.Load() {
		err = legacyUsers.addKeys(ctx, s, nil)
	}
	if err == nil && s.preparing.Load() {
		err = s.renewKeys(ctx)
	}
	if err != nil {
		s.notReady.Store(&notReady{err})
		return err
	}
	s.notReady.Store(nil)
	return nil
}
