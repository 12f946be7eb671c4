package tests

import (
	"bytes"
	"sync"
)

// buffer holds the output of a process. It may be read while the process writes to it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// tail returns the last 8 KiB.
func (b *buffer) tail() string {
	s := b.String()
	return s[max(0, len(s)-8<<10):]
}
