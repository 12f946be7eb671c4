// Package auth proves who somebody is: password hashes and access tokens. It knows neither HTTP nor the database.
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

// OWASP is what the OWASP Password Storage Cheat Sheet recommends as a minimum: 19 MiB, two passes, one thread.
var OWASP = Argon2{Memory: 19 * 1024, Time: 2, Threads: 1}

const (
	saltLength = 16 // bytes, RFC 9106 section 4
	keyLength  = 32 // bytes, RFC 9106 section 4

	// A hash at OWASP's cost takes some 30 ms of a core, so two cores serve a full queue before its last gives up.
	maxWaiting = 512
	maxWait    = 8 * time.Second
	retryAfter = 2 * time.Second
)

// Hasher makes and verifies password hashes. It computes as many at once as there are processors, because each takes a
// whole core and 19 MiB; a limited number waits for its turn, and the rest is refused at once.
type Hasher struct {
	cost    Argon2
	slots   chan struct{}
	waiting atomic.Int32
	decoy   hash
}

// NewHasher returns a Hasher that makes hashes of that cost.
func NewHasher(cost Argon2) *Hasher {
	h := &Hasher{cost: cost, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	h.decoy = argon2Hash{cost: cost, salt: random(saltLength), key: random(keyLength)}
	return h
}

// Hash returns the hash of a new password in the PHC string format. Unavailable if too many others wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.take(ctx); err != nil {
		return "", err
	}
	defer h.give()
	a := argon2Hash{cost: h.cost, salt: random(saltLength)}
	a.key = a.derive(password, keyLength)
	return a.String(), nil
}

// Verify says whether a password is the one behind a stored hash, and whether that hash should be made anew because it
// is of another kind or cost than Hash would make. What is no hash, such as the empty one of an account that does not
// exist, never matches, and takes as long as if it could. Unavailable if too many others wait.
func (h *Hasher) Verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	parsed, err := parseHash(stored)
	if err != nil {
		parsed = h.decoy
	}
	if err := h.take(ctx); err != nil {
		return false, false, err
	}
	defer h.give()
	ok = parsed.matches(password)
	current, isArgon2 := parsed.(argon2Hash)
	return ok, !isArgon2 || current.cost != h.cost, nil
}

func (h *Hasher) take(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	if h.waiting.Add(1) > maxWaiting {
		h.waiting.Add(-1)
		return busy(errors.New("the queue for password hashing is full"))
	}
	defer h.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return busy(ctx.Err())
	}
}

func (h *Hasher) give() { <-h.slots }

func busy(err error) error {
	return &models.Error{
		Code: models.Unavailable, Detail: "too many log-ins at once", RetryAfter: retryAfter, Err: err,
	}
}

// A hash is a stored password hash, parsed.
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
	rand.Read(b) // never fails since Go 1.24: it ends the program instead
	return b
}
