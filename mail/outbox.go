package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bookplate/models"
)

const (
	// maxWaiting is how many messages may wait at a time; each takes a few kilobytes.
	maxWaiting = 1000
	// maxSending is how many are worked on at the same time: more connections at once make a relay suspicious.
	maxSending = 2
	// drainTimeout is how long Close waits for the messages that wait: it comes on top of what requests get to finish.
	drainTimeout = 5 * time.Second

	fullRetryAfter = 30 * time.Second
)

// pauses are those between the attempts at one message: a server that restarts is back within the first two, one that
// greylists within the third. What is in a message is good for an hour.
var pauses = []time.Duration{2 * time.Second, 30 * time.Second, 5 * time.Minute}

// Letter is asked for a message when its turn comes, off the request's path, so that what it has to look up takes none of
// the request's time. It returns nil when there is nothing to send.
type Letter func(ctx context.Context) (*Message, error)

// Outbox sends letters in the background.
type Outbox struct {
	sender  Sender
	log     *slog.Logger
	waiting chan struct{} // a place for each letter that waits
	sending chan struct{} // a place for each one that is worked on
	ctx     context.Context
	cancel  context.CancelFunc
	closing chan struct{}
	mu      sync.Mutex // for closed and for adding to running
	closed  bool
	running sync.WaitGroup
}

// NewOutbox returns an outbox that sends by sender. Close it.
func NewOutbox(sender Sender, log *slog.Logger) *Outbox {
	ctx, cancel := context.WithCancel(context.Background())
	return &Outbox{
		sender: sender, log: log, ctx: ctx, cancel: cancel, closing: make(chan struct{}),
		waiting: make(chan struct{}, maxWaiting), sending: make(chan struct{}, maxSending),
	}
}

// Post takes a letter and returns at once. Unavailable if too many wait or the outbox is closed.
func (o *Outbox) Post(letter Letter) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return &models.Error{Code: models.Unavailable, Err: errors.New("the outbox is closed")}
	}
	select {
	case o.waiting <- struct{}{}:
	default:
		return &models.Error{
			Code: models.Unavailable, RetryAfter: fullRetryAfter, Err: errors.New("too many messages wait to be sent"),
		}
	}
	o.running.Go(func() {
		defer func() { <-o.waiting }()
		o.deliver(letter)
	})
	return nil
}

// Close stops taking letters and gives those that wait a few seconds; one that failed before is tried once more at once.
// The error says how many were not sent.
func (o *Outbox) Close() error {
	o.mu.Lock()
	if !o.closed {
		o.closed = true
		close(o.closing)
	}
	o.mu.Unlock()
	done := make(chan struct{})
	go func() {
		o.running.Wait()
		close(done)
	}()
	defer o.cancel()
	select {
	case <-done:
		return nil
	case <-time.After(drainTimeout):
		return fmt.Errorf("%d messages were not sent", len(o.waiting))
	}
}

// deliver writes a letter and sends it, as often as it takes.
func (o *Outbox) deliver(letter Letter) {
	var m *Message
	for attempt := 0; ; attempt++ {
		err := o.attempt(letter, &m)
		if err == nil {
			return
		}
		subject := "not written yet"
		if m != nil {
			subject = m.Subject
		}
		if attempt == len(pauses) || errors.As(err, new(Permanent)) || o.ctx.Err() != nil {
			o.log.Error("a message could not be sent", "subject", subject, "attempts", attempt+1, "error", err)
			return
		}
		o.log.Warn("a message could not be sent yet", "subject", subject, "again in", pauses[attempt], "error", err)
		if !o.pause(pauses[attempt]) {
			attempt = len(pauses) - 1
		}
	}
}

// attempt makes one attempt; a message that is written is not written again.
func (o *Outbox) attempt(letter Letter, m **Message) (err error) {
	select {
	case o.sending <- struct{}{}:
	case <-o.ctx.Done():
		return o.ctx.Err()
	}
	defer func() { <-o.sending }()
	ctx, cancel := context.WithTimeout(o.ctx, sendTimeout)
	defer cancel()
	if *m == nil {
		if *m, err = letter(ctx); err != nil || *m == nil {
			return err
		}
	}
	return o.sender.Send(ctx, **m)
}

// pause returns false when it was cut short, because the outbox is closing.
func (o *Outbox) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-o.closing:
		return false
	}
}
