package mail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bookplate/models"
)

// fakeSender fails as often as it is told.
type fakeSender struct {
	mu       sync.Mutex
	failures []error
	attempts []time.Time
	sent     []Message
	hold     chan struct{} // nil, or holds every message until it is closed
}

func (f *fakeSender) Send(ctx context.Context, m Message) error {
	if f.hold != nil {
		select {
		case <-f.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attempts = append(f.attempts, time.Now())
	if len(f.failures) > 0 {
		err := f.failures[0]
		f.failures = f.failures[1:]
		return err
	}
	f.sent = append(f.sent, m)
	return nil
}

var errAway = errors.New("the server is away")

// written is a letter that is written already.
func written(context.Context) (*Message, error) { return letter, nil }

func newOutbox(f *fakeSender) (*Outbox, *bytes.Buffer) {
	var log bytes.Buffer
	return NewOutbox(f, slog.New(slog.NewTextHandler(&log, nil))), &log
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The outbox tries again, at growing distances, and never writes a letter twice.
func TestOutboxTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{failures: []error{errAway, errAway, errAway}}
		o, _ := newOutbox(f)
		times := 0
		check(t, o.Post(func(context.Context) (*Message, error) {
			times++
			return letter, nil
		}))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(f.sent) != 1 || f.sent[0] != *letter || len(f.attempts) != 4 || times != 1 {
			t.Fatalf("%d attempts, sent %v, written %d times", len(f.attempts), f.sent, times)
		}
		for i, pause := range pauses {
			if got := f.attempts[i+1].Sub(f.attempts[i]); got != pause {
				t.Errorf("pause %d was %s, want %s", i, got, pause)
			}
		}
		check(t, o.Close())
	})
}

// A letter that cannot be written yet, because the database is away, is tried again too.
func TestOutboxWritesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{}
		o, _ := newOutbox(f)
		times := 0
		check(t, o.Post(func(context.Context) (*Message, error) {
			if times++; times == 1 {
				return nil, &models.Error{Code: models.Unavailable}
			}
			return letter, nil
		}))
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(f.sent) != 1 || times != 2 {
			t.Errorf("sent %d, written %d times", len(f.sent), times)
		}
		check(t, o.Close())
	})
}

func TestOutboxGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		failures []error
		attempts int
	}{
		"when it was tried often enough": {[]error{errAway, errAway, errAway, errAway}, 4},
		"when it is refused for good":    {[]error{Permanent{errAway}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeSender{failures: c.failures}
				o, log := newOutbox(f)
				check(t, o.Post(written))
				check(t, o.Post(func(context.Context) (*Message, error) { return nil, nil })) // nothing to send
				time.Sleep(time.Hour)
				synctest.Wait()
				if len(f.sent) != 0 || len(f.attempts) != c.attempts {
					t.Errorf("%d attempts, sent %v", len(f.attempts), f.sent)
				}
				if !strings.Contains(log.String(), "a message could not be sent") || !strings.Contains(log.String(), letter.Subject) {
					t.Errorf("the log does not say so: %s", log)
				}
				if strings.Contains(log.String(), "tttt") || strings.Contains(log.String(), letter.To) {
					t.Errorf("the log has the token or the address: %s", log)
				}
				check(t, o.Close())
			})
		})
	}
}

// The outbox is bounded, and a full one says so at once.
func TestOutboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{hold: make(chan struct{})}
		o, _ := newOutbox(f)
		for range maxWaiting {
			check(t, o.Post(written))
		}
		err := o.Post(written)
		if e, ok := errors.AsType[*models.Error](err); !ok || e.Code != models.Unavailable || e.RetryAfter == 0 {
			t.Errorf("the outbox is full, and Post says %v", err)
		}
		close(f.hold)
		synctest.Wait()
		check(t, o.Post(written))
		check(t, o.Close())
		if len(f.sent) != maxWaiting+1 {
			t.Errorf("%d messages were sent, want %d", len(f.sent), maxWaiting+1)
		}
	})
}

// What waits when the server stops is sent first, pauses cut short; what cannot be sent in time is counted.
func TestOutboxDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{failures: []error{errAway}}
		o, _ := newOutbox(f)
		check(t, o.Post(written))
		synctest.Wait() // it has failed once
		check(t, o.Post(written))
		start := time.Now()
		check(t, o.Close())
		if len(f.sent) != 2 || time.Since(start) > 0 {
			t.Errorf("%d were sent, after %s", len(f.sent), time.Since(start))
		}
		if err := o.Post(written); models.CodeOf(err) != models.Unavailable {
			t.Errorf("the outbox is closed, and Post says %v", err)
		}
		check(t, o.Close())
	})
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{hold: make(chan struct{})}
		o, _ := newOutbox(f)
		for range 3 {
			check(t, o.Post(written))
		}
		start := time.Now()
		err := o.Close()
		if err == nil || !strings.Contains(err.Error(), "3 messages were not sent") || time.Since(start) != drainTimeout {
			t.Errorf("error %v after %s", err, time.Since(start))
		}
		synctest.Wait() // nothing runs on
	})
}
