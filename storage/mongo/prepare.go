package mongo

import (
	"context"
	"errors"
	"time"

	"bookplate/storage/mongo/client"
)

const (
	// prepareTimeout bounds one attempt: building an index of a large collection takes its time. The next attempt goes
	// on where this one ended.
	prepareTimeout = 10 * time.Minute
	// The pauses between attempts: each is twice the one before, so that a server that is back is found soon and one
	// that is away for long is not bothered.
	firstPause = 250 * time.Millisecond
	lastPause  = 4 * time.Second
)

// notReady is why calls are refused: no attempt to prepare the database has ended yet, or the last one failed.
type notReady struct{ error }

func (r notReady) Unwrap() error { return r.error }

var errPreparing = errors.New("the database is being prepared")

// startPreparing prepares the database in the background. It waits for the first attempt, so that a store whose server
// is there is ready when Open returns, but no longer than it takes to find that there is no server.
func (s *Store) startPreparing(ctx context.Context) {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	first := make(chan struct{})
	go func() {
		defer close(s.stopped)
		err := s.tryToPrepare(background)
		close(first)
		if err == nil || background.Err() != nil {
			return
		}
		s.log.Warn("MongoDB is not ready; trying until it is", "hosts", s.client.Hosts, "error", err)
		if s.keepTrying(background) {
			s.log.Info("MongoDB is ready", "hosts", s.client.Hosts)
		}
	}()
	select {
	case <-first:
	case <-ctx.Done():
	case <-time.After(client.SelectionTimeout):
	}
}

// keepTrying returns true once the database is prepared, and false when ctx ends before.
func (s *Store) keepTrying(ctx context.Context) bool {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
		if s.tryToPrepare(ctx) == nil {
			return true
		}
	}
}

// tryToPrepare makes one attempt and lets the calls know how it ended.
func (s *Store) tryToPrepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	err := s.prepare(ctx)
	if err != nil {
		s.notReady.Store(&notReady{err})
		return err
	}
	s.notReady.Store(nil)
	return nil
}

// prepare makes the database a library's, whatever state it is in: empty, the tutorial's, or prepared already. The
// indexes come first, so that the database itself refuses a duplicate from the first key on.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.ensureIndexes(ctx); err != nil {
		return err
	}
	return s.addLegacyKeys(ctx)
}
