package models

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ID identifies a user, a book, a loan, a session or an audit entry. It has the 24 lower-case hex digits of a MongoDB
// ObjectID, on every engine. IDs made by one process sort in the order in which they were made.
type ID string

var (
	idProcess = randomBytes(5)
	idCounter = newCounter()
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never returns an error: since Go 1.24 it ends the program instead
	return b
}

func newCounter() *atomic.Uint32 {
	var c atomic.Uint32
	// The counter has 24 bits and starts in the lower half. So a process makes at least eight million ids before the
	// counter wraps and breaks their order.
	c.Store(binary.BigEndian.Uint32(randomBytes(4)) >> 9)
	return &c
}

// NewID returns an ID that is unique across processes. It has the ObjectID layout of the BSON specification: the time
// in seconds, five random bytes of this process, and a counter.
func NewID(now time.Time) ID {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(now.Unix())) //nolint:gosec // the layout has 32 bits; it wraps in 2106
	copy(b[4:], idProcess)
	n := idCounter.Add(1)
	b[9], b[10], b[11] = byte(n>>16), byte(n>>8), byte(n) //nolint:gosec // the counter has 24 bits
	return ID(hex.EncodeToString(b[:]))
}

// Part returns the n-th of the IDs that are derived from id. They have the time of id, and sort by n.
func (id ID) Part(n int) ID {
	hash := sha256.Sum256([]byte(id))
	return id[:8] + ID(hex.EncodeToString(hash[:5])+fmt.Sprintf("%06x", n))
}

// ParseID parses an ID that a client sends. It returns an error unless s has 24 hex digits of either case.
func ParseID(s string) (ID, error) {
	var b [12]byte
	if len(s) != 24 {
		return "", errors.New("an id has 24 hex digits")
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return "", errors.New("an id has 24 hex digits")
	}
	return ID(hex.EncodeToString(b[:])), nil
}
