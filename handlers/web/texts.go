package web

import (
	"errors"
	"io"
	"sync"

	"bookplate/models"
)

// maxTexts is the maximum total size, in bytes, of the text of all bodies that are being read. Parsed text takes up to
// 25 times as much memory; the worst case is form parts whose headers have very short lines.
const maxTexts = 4 << 20

// reading has all bodies that the server is reading at the moment.
var reading = texts{sizes: map[*heldText]int64{}}

// texts limits the memory for bodies that arrive slowly. If they take too much memory together, reading the largest
// body is stopped, so that small bodies such as log-ins are always read.
type texts struct {
	mu    sync.Mutex
	sizes map[*heldText]int64 // in bytes
	total int64
}

// heldText is the text of a body that is in memory while the rest of the body arrives.
type heldText struct {
	stop    func() // makes reading the body fail
	stopped bool
}

// read reads all of r, which is counted as it arrives.
func (t *heldText) read(r io.Reader) ([]byte, error) { return io.ReadAll(io.TeeReader(r, t)) }

// Write counts the bytes of p as text in memory.
func (t *heldText) Write(p []byte) (int, error) {
	t.add(len(p))
	return len(p), nil
}

// add counts n more bytes as text in memory.
func (t *heldText) add(n int) { reading.grow(t, int64(n)) }

// done ends the counting, because the body has been read. It returns Unavailable if reading the body was stopped.
func (t *heldText) done() error {
	reading.mu.Lock()
	defer reading.mu.Unlock()
	if t.stopped {
		return &models.Error{Code: models.Unavailable, Err: errors.New("too many bodies are being read")}
	}
	reading.remove(t)
	return nil
}

func (a *texts) grow(t *heldText, n int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.stopped {
		return
	}
	a.sizes[t] += n
	a.total += n
	for a.total > maxTexts {
		largest := a.largest()
		largest.stopped = true
		largest.stop()
		a.remove(largest)
	}
}

func (a *texts) largest() (largest *heldText) {
	for t, size := range a.sizes {
		if size > a.sizes[largest] {
			largest = t
		}
	}
	return largest
}

func (a *texts) remove(t *heldText) {
	a.total -= a.sizes[t]
	delete(a.sizes, t)
}
