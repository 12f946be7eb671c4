package blob

import (
	"bytes"
	"time"
)

// InMemory returns an Object that reads content from memory.
func InMemory(content []byte, modTime time.Time) Object {
	return Object{ReadSeekCloser: memory{bytes.NewReader(content)}, ModTime: modTime}
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }
