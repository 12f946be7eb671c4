package handlers

import (
	"bytes"
	"context"
	"sync"

	"bookplate/covers"
)

// heldFile is a picture of which the second half, which only its decoder reads, does not come until it may.
type heldFile struct {
	*bytes.Reader
	once           sync.Once
	reached, comes chan struct{}
}

func (f *heldFile) Read(p []byte) (int, error) {
	if f.Len()-len(p) < int(f.Size())/2 {
		f.once.Do(func() {
			close(f.reached)
			<-f.comes
		})
	}
	return f.Reader.Read(p)
}

// holdCovers has a picture take all the memory that there is for pictures, until letGo is called or the test ends.
func (s *testServer) holdCovers() (letGo func()) {
	s.Helper()
	s.services.Covers = covers.New(s.blobs, covers.Options{Mark: s.services.Store.CoverMark, MaxPixels: 1_000_000, Memory: 1 << 20}) // for one at a time
	s.start()
	held := &heldFile{
		Reader: bytes.NewReader([]byte(picture(s.TB, 900, 900))), reached: make(chan struct{}), comes: make(chan struct{}),
	}
	added := make(chan error, 1)
	go func() {
		_, err := s.services.Covers.Add(context.WithoutCancel(s.Context()), held)
		added <- err
	}()
	select {
	case <-held.reached:
	case err := <-added:
		s.Fatalf("nobody reads the second half: %v", err)
	}
	letGo = sync.OnceFunc(func() {
		close(held.comes)
		if err := <-added; err != nil {
			s.Error(err)
		}
	})
	s.Cleanup(letGo)
	return letGo
}
