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
	// maxWaiting is how many messages may wait at the same time. Each takes a few kilobytes.
	maxWaiting = 1000
	// maxSending is how many messages are sent at the same time. Relays may reject more connections.
	maxSending = 2
	// drainTimeout is how long Close waits until the queued messages are sent. On shutdown, this follows the wait for
	// running requests.
	drainTimeout = 5 * time.Second

	fullRetryAfter = 30 * time.Second
)

// pauses are the pauses between the attempts to send a message. The first two are enough for a server that restarts,
// and the third for greylisting. Links in messages work for at least an hour, so they still work then.
var pauses = []time.Duration{2 * time.Second, 30 * time.Second, 5 * time.Minute}

// Letter returns the message to send, or nil if there is none. The outbox calls it in the background, so its look-ups do
// not delay the request.
type Letter func(ctx context.Context) (*Message, error)

// Outbox sends letters in the background.
type Outbox struct {
	sender  Sender
	log     *slog.Logger
	waiting chan struct{} // one element per letter that is not done
	sending chan struct{} // one element per letter that is being sent
	ctx     context.Context
	cancel  context.CancelFunc
	closing chan struct{}
	mu      sync.Mutex // guards closed, and adding to running
	closed  bool
	running sync.WaitGroup
}

// NewOutbox returns an Outbox that sends with sender. The caller must close it.
func NewOutbox(sender Sender, log *slog.Logger) *Outbox {
	ctx, cancel := context.WithCancel(context.Background())
	return &Outbox{
		sender: sender, log: log, ctx: ctx, cancel: cancel, closing: make(chan struct{}),
		waiting: make(chan struct{}, maxWaiting), sending: make(chan struct{}, maxSending),
	}
}

// Post queues a letter. The error is Unavailable if too many letters wait or the outbox is closed.
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

// Close closes the outbox and waits a few seconds for the queued letters. A letter that failed before is tried once
// more, without a pause. The error says how many letters were not sent.
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

// deliver makes all attempts to send a letter.
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
		o.log.Warn("a message could not be sent and will be retried", "subject", subject, "in", pauses[attempt], "error", err)
		if !o.pause(pauses[attempt]) {
			attempt = len(pauses) - 1
		}
	}
}

// attempt makes one attempt to send a letter. It calls letter only if no earlier attempt has set *m.
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

// pause waits. It returns false at once when the outbox is closed.
func (o *Outbox) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-o.closing:
		return false
	}
}
