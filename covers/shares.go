package covers

import (
	"context"
	"slices"
	"sync"
	"time"

	"bookplate/models"
)

// maxWaiting is how many uploads of one account may wait for memory. Browsers and scripts send about eight files at a
// time.
const maxWaiting = 16

// retryAfter is the Retry-After of the answer to an upload that waited too long for memory or was not allowed to wait.
// Decoding an upload takes at most about a second.
const retryAfter = 2 * time.Second

// shares divides a memory budget among uploads. The accounts that have waiting uploads take turns: in each turn, one
// upload of an account gets its share. So an account with many uploads does not delay those of the others. A large
// upload keeps its turn until there is enough free memory.
type shares struct {
	mu      sync.Mutex
	free    int64                   // bytes
	turns   []models.ID             // the accounts with waiting uploads, in the order of their turns
	waiting map[models.ID][]*waiter // the waiting uploads of each of them, the oldest first
}

// waiter is an upload that waits for its share of the memory.
type waiter struct {
	size    int64         // of the share, in bytes
	granted chan struct{} // closed when the upload has its share
}

func newShares(memory int64) *shares {
	return &shares{free: memory, waiting: map[models.ID][]*waiter{}}
}

// acquire waits for a share of the memory; size must not exceed the whole budget. The error is TooManyRequests if
// maxWaiting uploads of the account are already waiting, and Unavailable if ctx ends first.
func (s *shares) acquire(ctx context.Context, account models.ID, size int64) error {
	w, err := s.enqueue(account, size)
	if err != nil {
		return err
	}
	select {
	case <-w.granted: // also if ctx has ended: the upload did not have to wait
		return nil
	default:
	}
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
		s.cancel(account, w)
		return unavailable(ctx.Err())
	}
}

// release gives back a share of size bytes.
func (s *shares) release(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free += size
	s.grant()
}

func (s *shares) enqueue(account models.ID, size int64) (*waiter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.waiting[account]
	if len(queue) == maxWaiting {
		return nil, &models.Error{
			Code: models.TooManyRequests, Detail: "too many uploads at the same time; try again later", RetryAfter: retryAfter,
		}
	}
	if len(queue) == 0 {
		s.turns = append(s.turns, account)
	}
	w := &waiter{size: size, granted: make(chan struct{})}
	s.waiting[account] = append(queue, w)
	s.grant()
	return w, nil
}

// cancel removes an upload from its account's queue. If the upload has been granted its share at the same time, cancel
// gives the share back.
func (s *shares) cancel(account models.ID, w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.waiting[account]
	if i := slices.Index(queue, w); i >= 0 {
		s.setQueue(account, slices.Delete(queue, i, i+1))
	} else {
		s.free += w.size
	}
	s.grant()
}

// grant gives shares to the waiting uploads, account by account, until the next upload needs more memory than is free.
func (s *shares) grant() {
	for len(s.turns) > 0 {
		account := s.turns[0]
		queue := s.waiting[account]
		first := queue[0]
		if first.size > s.free {
			return
		}
		s.free -= first.size
		close(first.granted)
		s.turns = append(s.turns[1:], account)
		s.setQueue(account, queue[1:])
	}
}

// setQueue replaces the queue of an account. If the new queue is empty, the account loses its turn.
func (s *shares) setQueue(account models.ID, queue []*waiter) {
	if len(queue) > 0 {
		s.waiting[account] = queue
		return
	}
	delete(s.waiting, account)
	s.turns = slices.DeleteFunc(s.turns, func(id models.ID) bool { return id == account })
}
