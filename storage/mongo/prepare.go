package mongo

import (
	"context"
	"errors"
	"sync"
	"time"

	"bookplate/storage/mongo/client"
)

const (
	// attemptTimeout bounds one attempt: building an index of a large collection takes its time. The next attempt goes
	// on where this one ended.
	attemptTimeout = 10 * time.Minute
	// The pauses between attempts: each is twice the one before, so that a server that is back is found soon and one
	// that is away for long is not bothered.
	firstPause = 250 * time.Millisecond
	lastPause  = 4 * time.Second
	// keysInterval is how long documents that another program stores may lack their keys.
	keysInterval = time.Hour
)

// notReady is why calls are refused: no attempt to prepare the database has ended yet, or the last one failed.
type notReady struct{ error }

func (r notReady) Unwrap() error { return r.error }

var errPreparing = errors.New("the database is being prepared")

// startPreparing prepares the database in the background, and then keeps adding keys to documents without one. It waits
// for the first attempt, so that a store whose server is there is ready when Open returns, but no longer than it takes
// to find that there is no server.
func (s *Store) startPreparing(ctx context.Context) {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	first := make(chan struct{})
	attempted := sync.OnceFunc(func() { close(first) })
	go func() {
		defer close(s.stopped)
		goOn := s.keepTrying(background, func(ctx context.Context) error {
			defer attempted()
			return s.prepare(ctx)
		})
		for goOn {
			goOn = s.keepTrying(background, s.addLegacyKeys) && sleep(background, keysInterval)
		}
	}()
	select {
	case <-first:
	case <-ctx.Done():
	case <-time.After(client.SelectionTimeout):
	}
}

// keepTrying makes attempts until one succeeds, and returns false if ctx ends before. It logs the first that fails, and
// the success after it.
func (s *Store) keepTrying(ctx context.Context, attempt func(context.Context) error) bool {
	failed := false
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := within(ctx, attemptTimeout, attempt)
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

func within(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return attempt(ctx)
}

// sleep returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// prepare makes one attempt to get the database ready for calls, whatever state it is in: empty, the tutorial's, or
// prepared already. It lets the calls know how the attempt ended. The indexes come first, so that the database itself
// refuses a duplicate from the first key on. Of an old database the accounts get their keys, so that people can log in;
// the books, of which there are many more, get theirs beside the calls.
func (s *Store) prepare(ctx context.Context) error {
	err := s.ensureIndexes(ctx)
	if err == nil {
		err = s.readState(ctx)
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
