package web

import (
	"errors"
	"io"
	"sync"

	"bookplate/models"
)

// maxTexts limits the text of all bodies that are being read at the same time, in bytes. Parsed, it may take 25 times as
// much memory, if it consists of the headers of form parts in lines of a few bytes.
const maxTexts = 4 << 20

// reading has the texts of all bodies that are being read.
var reading = texts{sizes: map[*heldText]int64{}}

// texts limits the memory of bodies that arrive slowly. When there is too much text, it stops the largest one, so small
// bodies such as log-ins are always read.
type texts struct {
	mu    sync.Mutex
	sizes map[*heldText]int64 // in bytes
	total int64
}

// heldText is the part of a body that is in memory while the rest arrives.
type heldText struct {
	stop    func() // makes reading the body fail
	stopped bool
}

// read reads and adds all of r.
func (t *heldText) read(r io.Reader) ([]byte, error) { return io.ReadAll(io.TeeReader(r, t)) }

// Write adds p.
func (t *heldText) Write(p []byte) (int, error) {
	t.add(len(p))
	return len(p), nil
}

// add adds n bytes.
func (t *heldText) add(n int) { reading.grow(t, int64(n)) }

// done ends the counting. It returns Unavailable if the text was stopped.
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
