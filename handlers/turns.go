package handlers

import (
	"context"
	"errors"
	"sync"
	"time"

	"bookplate/models"
)

// maxTurnWait is how long somebody waits for a turn: as long as for password hashing, which is what takes the time.
const maxTurnWait = 8 * time.Second

// turns lets one at a time have each key. The zero value is ready. It keeps the keys that somebody has or waits for.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	had   chan struct{} // full while somebody has the turn
	users int           // who have it or wait for it
}

// take waits for a key's turn, in the order of asking, and returns how to give it back. Before it waits it asks waits,
// whose error ends the attempt. Unavailable if it takes too long.
func (t *turns) take(ctx context.Context, key string, waits func() error) (give func(), err error) {
	mine := t.join(key)
	defer func() {
		if err != nil {
			t.leave(key)
		}
	}()
	give = func() {
		<-mine.had
		t.leave(key)
	}
	select {
	case mine.had <- struct{}{}:
		return give, nil
	default:
	}
	if err := waits(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxTurnWait)
	defer cancel()
	select {
	case mine.had <- struct{}{}:
		return give, nil
	case <-ctx.Done():
		return nil, &models.Error{
			Code: models.Unavailable, Detail: "too many log-ins at once",
			Err: errors.Join(errors.New("waited for other log-ins to the account"), ctx.Err()),
		}
	}
}

func (t *turns) join(key string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys[key] == nil {
		if t.keys == nil {
			t.keys = map[string]*turn{}
		}
		t.keys[key] = &turn{had: make(chan struct{}, 1)}
	}
	t.keys[key].users++
	return t.keys[key]
}

func (t *turns) leave(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys[key].users--; t.keys[key].users == 0 {
		delete(t.keys, key)
	}
}
