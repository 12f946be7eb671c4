package handlers

import (
	"bytes"
	"context"
	"sync"

	"bookplate/covers"
)

// heldFile is an uploaded picture. Reading its second half, which only the decoder does, blocks until released is
// closed.
type heldFile struct {
	*bytes.Reader
	once              sync.Once
	reached, released chan struct{}
}

func (f *heldFile) Read(p []byte) (int, error) {
	if f.Len()-len(p) < int(f.Size())/2 {
		f.once.Do(func() {
			close(f.reached)
			<-f.released
		})
	}
	return f.Reader.Read(p)
}

// holdCoverMemory takes the whole memory budget for covers until release is called or the test ends.
func (s *testServer) holdCoverMemory() (release func()) {
	s.Helper()
	s.services.Covers = covers.New(s.blobs, covers.Options{ // enough for one cover
		Mark: s.services.Store.CoverMark, MaxPixels: 1_000_000, Memory: 1 << 20,
	})
	s.start()
	held := &heldFile{
		Reader: bytes.NewReader([]byte(picture(s.TB, 900, 900))), reached: make(chan struct{}), released: make(chan struct{}),
	}
	added := make(chan error, 1)
	go func() {
		_, err := s.services.Covers.Add(context.WithoutCancel(s.Context()), "another account", held)
		added <- err
	}()
	select {
	case <-held.reached:
	case err := <-added:
		s.Fatalf("the second half was not read: %v", err)
	}
	release = sync.OnceFunc(func() {
		close(held.released)
		if err := <-added; err != nil {
			s.Error(err)
		}
	})
	s.Cleanup(release)
	return release
}
