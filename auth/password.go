// Package auth makes and verifies password hashes and tokens. It does not depend on HTTP or the database.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"bookplate/models"
)

// Argon2 is the cost of an argon2id hash.
type Argon2 struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// OWASP is the minimum cost that the OWASP Password Storage Cheat Sheet recommends: 19 MiB, two passes, one thread.
var OWASP = Argon2{Memory: 19 * 1024, Time: 2, Threads: 1}

const (
	saltLength = 16 // bytes, RFC 9106 section 4
	keyLength  = 32 // bytes, RFC 9106 section 4

	// A hash at OWASP's cost takes about 30 ms of a core, so two cores finish a full queue within maxWait.
	maxWaiting = 512
	maxWait    = 8 * time.Second
	retryAfter = 2 * time.Second
)

// Hasher makes and verifies password hashes. It computes at most one hash per processor at a time, because each takes a
// whole core and 19 MiB. Up to maxWaiting further calls wait; any more are rejected at once.
type Hasher struct {
	cost    Argon2
	slots   chan struct{}
	waiting atomic.Int32
	decoy   hash
}

// NewHasher returns a Hasher for hashes of that cost.
func NewHasher(cost Argon2) *Hasher {
	h := &Hasher{cost: cost, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	h.decoy = argon2Hash{cost: cost, salt: random(saltLength), key: random(keyLength)}
	return h
}

// Hash returns the hash of a new password in the PHC string format. The error is Unavailable if too many calls wait, or
// if this call waits too long.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	a := argon2Hash{cost: h.cost, salt: random(saltLength)}
	a.key = a.derive(password, keyLength)
	return a.String(), nil
}

// Verify reports whether a password matches a stored hash. It also reports whether the hash is outdated, that is, of
// another kind or cost than new hashes. An invalid hash never matches, but takes as long as a valid one. So callers
// pass an empty hash for an account that does not exist. The error is Unavailable as for Hash.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	parsed, err := parseHash(stored)
	if err != nil {
		parsed = h.decoy
	}
	if err := h.acquire(ctx); err != nil {
		return false, false, err
	}
	defer h.release()
	ok = parsed.matches(password)
	current, isArgon2 := parsed.(argon2Hash)
	return ok, !isArgon2 || current.cost != h.cost, nil
}

func (h *Hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return unavailable(errors.New("the queue for password hashing is full"))
	}
	defer h.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

func (h *Hasher) release() { <-h.slots }

func unavailable(err error) error {
	return &models.Error{
		Code: models.Unavailable, Detail: "too many log-ins at once", RetryAfter: retryAfter, Err: err,
	}
}

// hash is a parsed password hash.
type hash interface {
	matches(password string) bool
}

type argon2Hash struct {
	cost      Argon2
	salt, key []byte
}

func (a argon2Hash) derive(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), a.salt, a.cost.Time, a.cost.Memory, a.cost.Threads, length)
}

func (a argon2Hash) matches(password string) bool {
	key := a.derive(password, uint32(len(a.key))) //nolint:gosec // at most maxKey
	return subtle.ConstantTimeCompare(key, a.key) == 1
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return b
}
