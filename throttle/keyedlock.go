package throttle

import (
	"context"
	"errors"
	"sync"
	"time"

	"bookplate/models"
)

// maxLockWait is how long a caller waits for a lock. It equals the longest time that a caller waits for its turn to
// hash a password, because hashing is most of what is done under a lock.
const maxLockWait = 8 * time.Second

// keyedLock is a set of mutexes, one per key. The zero value is ready to use. It has an entry only for keys that are
// locked or waited for.
type keyedLock struct {
	mu   sync.Mutex
	keys map[string]*lock
}

type lock struct {
	held  chan struct{} // full while the lock is held
	users int           // how many hold it or wait for it
}

// lock locks a key and returns the function that unlocks it. Waiting callers get the lock in the order in which they
// came. If the caller has to wait, lock first calls beforeWait, and returns its error if that fails. The error is
// Unavailable if the wait takes longer than maxLockWait or ctx ends.
func (k *keyedLock) lock(ctx context.Context, key string, beforeWait func() error) (unlock func(), err error) {
	l := k.join(key)
	defer func() {
		if err != nil {
			k.leave(key)
		}
	}()
	unlock = func() {
		<-l.held
		k.leave(key)
	}
	select {
	case l.held <- struct{}{}:
		return unlock, nil
	default:
	}
	if err := beforeWait(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxLockWait)
	defer cancel()
	select {
	case l.held <- struct{}{}:
		return unlock, nil
	case <-ctx.Done():
		return nil, &models.Error{
			Code: models.Unavailable, Detail: "too many log-ins at once",
			Err: errors.Join(errors.New("waited for other log-ins to the account"), ctx.Err()),
		}
	}
}

func (k *keyedLock) join(key string) *lock {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys[key] == nil {
		if k.keys == nil {
			k.keys = map[string]*lock{}
		}
		k.keys[key] = &lock{held: make(chan struct{}, 1)}
	}
	k.keys[key].users++
	return k.keys[key]
}

func (k *keyedLock) leave(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys[key].users--; k.keys[key].users == 0 {
		delete(k.keys, key)
	}
}
