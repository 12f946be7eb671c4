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

// fakeSender first returns the errors in failures, and then records the messages that it is given.
type fakeSender struct {
	mu       sync.Mutex
	failures []error
	attempts []time.Time
	sent     []Message
	hold     chan struct{} // if not nil, Send waits until it is closed
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

var errUnreachable = errors.New("the server is unreachable")

// written is a Letter that returns the test's message.
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

// The outbox retries after growing pauses, and writes a letter only once.
func TestOutboxRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{failures: []error{errUnreachable, errUnreachable, errUnreachable}}
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

// A letter that cannot be written because the database is unreachable is retried, too.
func TestOutboxRetriesWriting(t *testing.T) {
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
		"after the last attempt":  {[]error{errUnreachable, errUnreachable, errUnreachable, errUnreachable}, 4},
		"after a permanent error": {[]error{Permanent{errUnreachable}}, 1},
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
					t.Errorf("the log has no error with the subject: %s", log)
				}
				if strings.Contains(log.String(), "tttt") || strings.Contains(log.String(), letter.To) {
					t.Errorf("the log has the token or the address: %s", log)
				}
				check(t, o.Close())
			})
		})
	}
}

// A full outbox rejects letters at once.
func TestOutboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{hold: make(chan struct{})}
		o, _ := newOutbox(f)
		for range maxWaiting {
			check(t, o.Post(written))
		}
		err := o.Post(written)
		if e, ok := errors.AsType[*models.Error](err); !ok || e.Code != models.Unavailable || e.RetryAfter == 0 {
			t.Errorf("Post to a full outbox returns %v", err)
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

// Close sends the queued letters without pauses, and counts those that cannot be sent in time.
func TestOutboxDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSender{failures: []error{errUnreachable}}
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
			t.Errorf("Post to a closed outbox returns %v", err)
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
		synctest.Wait() // all goroutines end
	})
}
