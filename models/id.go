package models

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"time"
)

// ID identifies a user, a book or a session: the 24 lower-case hex digits of a MongoDB ObjectID, on every engine. IDs
// made by one process sort by the time they were made.
type ID string

var (
	idProcess = randomBytes(5)
	idCounter = newCounter()
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24: it ends the program instead
	return b
}

func newCounter() *atomic.Uint32 {
	var c atomic.Uint32
	// A start in the lower half of 24 bits leaves eight million ids before the counter wraps and their order breaks.
	c.Store(binary.BigEndian.Uint32(randomBytes(4)) >> 9)
	return &c
}

// NewID makes an ID that no other process makes either: seconds, five random bytes of this process, a counter (the
// ObjectID layout of the BSON specification).
func NewID(now time.Time) ID {
	var b [12]byte
	binary.BigEndian.PutUint32(b[:], uint32(now.Unix())) //nolint:gosec // the layout has 32 bits; it wraps in 2106
	copy(b[4:], idProcess)
	n := idCounter.Add(1)
	b[9], b[10], b[11] = byte(n>>16), byte(n>>8), byte(n) //nolint:gosec // the counter has 24 bits
	return ID(hex.EncodeToString(b[:]))
}

// ParseID reads an ID as a client writes it: 24 hex digits of either case.
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
